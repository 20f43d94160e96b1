//! Each language, and what each makes of what is no such file. The files are written by strangers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::read;
use crate::apart::LONGEST;
use crate::changes::data::kinds::Kind;
use gatehouse_domain::changes::data::{FactKind, Picture, Said};

fn state(kind: Kind, path: &str, text: &str) -> Picture {
    match read(kind, path, text.to_owned()) {
        Said::State(picture) => picture,
        other => panic!("no state: {other:?}"),
    }
}

fn columns(picture: &Picture, table: &str) -> Vec<String> {
    let table = picture.tables.get(table).unwrap_or_else(|| panic!("no {table}: {:?}", picture.tables.keys()));
    let of = |(name, column): (&String, &gatehouse_domain::changes::data::Column)| {
        let class = column.declared.as_ref().map(|class| format!(" [{class}]")).unwrap_or_default();
        format!("{name}: {}{class}", column.kind)
    };
    table.columns.iter().map(of).collect()
}

fn facts(picture: &Picture, kind: FactKind) -> Vec<String> {
    let of = picture.facts.iter().filter(|((it, _), _)| *it == kind);
    of.flat_map(|((_, of), texts)| texts.iter().map(move |text| format!("{of}: {text}"))).collect()
}

fn migration(text: &str) -> (Vec<String>, Vec<String>) {
    match read(Kind::Migration, "m.sql", text.to_owned()) {
        Said::Steps { steps, unsure, .. } => {
            (steps.iter().map(|step| format!("{step:?}")).collect(), unsure.into_iter().collect())
        }
        other => panic!("no steps: {other:?}"),
    }
}

#[test]
fn a_migration_says_what_it_does_to_tables() {
    let (steps, unsure) = migration(
        "begin;
         create table erp.retailers (id uuid primary key, phone text not null, pan_number varchar(10));
         alter table erp.invoices add column email text, drop column note, alter column amount type bigint;
         alter table erp.a rename column b to aadhaar;
         alter table erp.a rename to c;
         drop table old;
         update erp.retailers set phone = null;
         insert into erp.kinds (code) values ('x');
         create index i on erp.retailers (phone);
         alter table erp.retailers enable row level security;
         comment on table erp.a is 'x';
         commit;",
    );
    assert_eq!(unsure, Vec::<String>::new());
    assert_eq!(
        steps,
        [
            r#"TableComes { table: "erp.retailers" }"#,
            r#"ColumnComes { table: "erp.retailers", column: "id", kind: "UUID" }"#,
            r#"ColumnComes { table: "erp.retailers", column: "phone", kind: "TEXT" }"#,
            r#"ColumnComes { table: "erp.retailers", column: "pan_number", kind: "VARCHAR(10)" }"#,
            r#"ColumnComes { table: "erp.invoices", column: "email", kind: "TEXT" }"#,
            r#"ColumnGoes { table: "erp.invoices", column: "note" }"#,
            r#"ColumnRetyped { table: "erp.invoices", column: "amount", from: None, to: "BIGINT" }"#,
            r#"ColumnRenamed { table: "erp.a", column: "b", to: "aadhaar" }"#,
            r#"TableRenamed { table: "erp.a", to: "c" }"#,
            r#"TableGoes { table: "old" }"#,
            r#"RowsRewritten { table: "erp.retailers", column: "phone" }"#,
            r#"RowsRewritten { table: "erp.kinds", column: "code" }"#,
        ]
    );
}

#[test]
fn what_a_migration_does_to_rows_or_rights_cannot_be_told() {
    for text in [
        "delete from retailers",
        "truncate retailers",
        "insert into a select * from retailers",
        "insert into a values ('x')",
        "select lo_export(1, '/tmp/x')",
        "alter table a disable row level security",
        "create policy p on a using (true)",
        "create table a (like b)",
        "create table a as select * from b",
        "drop schema erp cascade",
        "copy retailers to program 'curl x'",
        "create function f() returns int language sql as 'select 1'",
    ] {
        assert!(!migration(text).1.is_empty(), "{text}: {:?}", migration(text));
    }
    for text in ["do $$ begin perform 1; end $$", "not sql", "alter table", "select 'open"] {
        assert!(matches!(read(Kind::Migration, "m.sql", text.to_owned()), Said::Unknown(_)), "{text}");
    }
    let Said::Steps { facts, .. } = read(Kind::Migration, "m.sql", "grant select on t to partner".to_owned()) else {
        panic!("no steps")
    };
    assert_eq!(facts.keys().next().unwrap().0, FactKind::Recipient, "{facts:?}");
}

#[test]
fn dbt_says_models_purposes_terms_regions_classes_and_who_uses_them() {
    let picture = state(
        Kind::DbtYaml,
        "dbt/models/schema.yml",
        "version: 2
models:
  - name: features
    meta: {purpose: [scoring, reminders], retention_days: 540, region: ap-south-1}
    columns:
      - {name: id, data_type: text}
      - {name: ref7, meta: {pii: phone number}}
      - {name: x, config: {meta: {contains_pii: true}}}
sources:
  - name: erp
    tables:
      - name: invoices
        meta: {shared_with: Kaveri}
        columns: [{name: amount}]
exposures:
  - {name: calls, type: application, owner: {name: Kaveri Finance}, url: 'https://calls.example'}
",
    );
    assert_eq!(columns(&picture, "features"), ["id: text", "ref7:  [phone number]", "x:  [Personal data]"]);
    assert_eq!(columns(&picture, "erp.invoices"), ["amount: "]);
    assert_eq!(facts(&picture, FactKind::Purpose), ["features: reminders", "features: scoring"]);
    assert_eq!(facts(&picture, FactKind::Retention), ["features: 540 days"]);
    assert_eq!(facts(&picture, FactKind::Region), ["features: ap-south-1"]);
    assert_eq!(
        facts(&picture, FactKind::Recipient),
        ["calls: Kaveri Finance", "calls: https://calls.example", "erp.invoices: Kaveri"]
    );
    assert!(picture.unsure.is_empty(), "{:?}", picture.unsure);
    let project = state(
        Kind::DbtYaml,
        "dbt/dbt_project.yml",
        "name: erp\nmodels:\n  erp:\n    gold:\n      +meta: {region: us-east-1}\n",
    );
    assert_eq!(facts(&project, FactKind::Region), ["dbt_project.erp.gold: us-east-1"]);
}

#[test]
fn what_dbt_puts_together_later_cannot_be_told() {
    for text in [
        "models: [{name: a, meta: {region: '{{ var(\"r\") }}'}}]",
        "models: [{name: '{{ x }}'}]",
        "models: [{meta: {}}]",
        "models: [{name: a, meta: {purpose: {x: y}}}]",
        "on-run-end: [grant select]",
        "exposures: [{name: a, owner: {name: '{{ env_var(1) }}'}}]",
    ] {
        assert_eq!(state(Kind::DbtYaml, "x.yml", text).unsure.len(), 1, "{text}");
    }
    let bomb = format!(
        "a: &a [x,x,x,x,x,x,x,x,x]\n{}",
        (0..20)
            .map(|n| format!("b{n}: &b{n} [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n")
                .replace("*a", &if n == 0 { "*a".to_owned() } else { format!("*b{}", n - 1) }))
            .collect::<String>()
    );
    for text in ["- just\n- a list", "a: [", "a: 1\na: 2", "\t", bomb.as_str()] {
        assert!(matches!(read(Kind::DbtYaml, "x.yml", text.to_owned()), Said::Unknown(_)), "{text}");
    }
}

#[test]
fn a_model_gives_the_columns_that_it_names() {
    let model = |text: &str| state(Kind::DbtModel, "dbt/models/gold/features.sql", text);
    let picture = model(
        "{{ config(materialized='table') }} {# why #}
         with base as (select retailer_id, max(phone) as phone from {{ ref('silver') }} group by 1),
         final as (select b.retailer_id, b.phone from base b join {{ source('erp', 'x') }} using (id))
         select * from final",
    );
    assert_eq!(
        (columns(&picture, "features"), picture.unsure.len()),
        (vec!["phone: ".to_owned(), "retailer_id: ".to_owned()], 0)
    );
    for unclear in [
        "select * from {{ ref('a') }}",
        "select a.* from {{ ref('a') }} a",
        "select count(1) from a",
        "select a, b + 1 from c",
    ] {
        assert_eq!(model(unclear).unsure.len(), 1, "{unclear}");
    }
    for unread in [
        "{% for c in cols %} {{ c }} {% endfor %}",
        "select {{ dbt_utils.star() }} from a",
        "select 1; select 2",
        "drop table a",
        "{{",
    ] {
        assert!(matches!(read(Kind::DbtModel, "m.sql", unread.to_owned()), Said::Unknown(_)), "{unread}");
    }
    // `*` of `*` of `*`, a hundred times each: given up, not followed.
    let stars = ["*"; 100].join(",");
    let chain: Vec<String> = (1..12).map(|n| format!("c{n} as (select {stars} from c{})", n - 1)).collect();
    let picture = model(&format!("with c0 as (select a from t), {} select {stars} from c11", chain.join(", ")));
    assert_eq!(picture.unsure.len(), 1);
}

#[test]
fn avro_json_schema_async_api_and_protobuf_say_fields() {
    let avro = state(
        Kind::Avro,
        "x.avsc",
        r#"{"type":"record","name":"Invoice","namespace":"erp","retention":"7 years","fields":[
            {"name":"phone","type":["null","string"],"pii":"phone"},
            {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
            {"name":"payer","type":{"type":"record","name":"Payer","fields":[{"name":"upi","type":"string"}]}}]}"#,
    );
    assert_eq!(
        columns(&avro, "erp.Invoice"),
        ["at: timestamp-millis", "payer: Payer", "phone: string or nothing [phone]"]
    );
    assert_eq!(columns(&avro, "Payer"), ["upi: string"]);
    assert_eq!(facts(&avro, FactKind::Retention), ["erp.Invoice: 7 years"]);

    let schema = state(
        Kind::JsonSchema,
        "schemas/ledger.json",
        r##"{"properties":{"email":{"type":"string","format":"email"},"who":{"type":"object","properties":{"dob":{"type":"string"}}}},
            "$defs":{"Line":{"properties":{"n":{"type":["integer","null"]},"m":{"$ref":"#/$defs/Money"}}}}}"##,
    );
    assert_eq!(columns(&schema, "ledger"), ["email: string (email)", "who: object", "who.dob: string"]);
    assert_eq!(columns(&schema, "Line"), ["m: Money", "n: integer or null"]);

    let events = state(
        Kind::AsyncApi,
        "asyncapi.yaml",
        "asyncapi: 3.0.0\nservers:\n  out: {host: kafka.partner.example, region: eu-west-1}\ncomponents:\n  messages:\n    Paid: {payload: {properties: {phone: {type: string}}}}\n",
    );
    assert_eq!(columns(&events, "Paid"), ["phone: string"]);
    assert_eq!(facts(&events, FactKind::Recipient), ["out: kafka.partner.example"]);
    assert_eq!(facts(&events, FactKind::Region), ["out: eu-west-1"]);

    let proto = state(
        Kind::Proto,
        "x.proto",
        "syntax = \"proto3\"; package altscore; message Score { string pan = 1 [(gate.pii) = \"pan\"]; repeated Line lines = 2; message Line { int64 n = 1; } }",
    );
    assert_eq!(columns(&proto, "altscore.Score"), ["lines: list of Line", "pan: string [pan]"]);
    assert_eq!(columns(&proto, "altscore.Score.Line"), ["n: int64"]);
    for kind in [Kind::Avro, Kind::JsonSchema, Kind::Proto] {
        assert!(matches!(read(kind, "x", "}{".to_owned()), Said::Unknown(_)), "{kind:?}");
    }
}

#[test]
fn a_dag_says_where_its_data_goes_and_what_it_works_out_later() {
    let picture = state(
        Kind::Python,
        "dags/x.py",
        r#"
from airflow import DAG
REGION = "ap-southeast-1"
BUCKET = "a"
BUCKET = pick()
with DAG("export", schedule="@daily", tags=["gold"]) as dag:
    copy = S3Copy(task_id="copy", source_bucket="s3-in", source_key="s3://in/x", dest_bucket="kaveri-exports", region_name=REGION)
    mail = EmailOperator(task_id="mail", to=["ops@altscore.example", "x@partner.example"])
    late = S3Copy(task_id="late", dest_bucket=BUCKET, endpoint_url=f"https://{host}", **more)
    call = requests.post("https://calls.kaveri.example/x", json={"phone": phone})
"#,
    );
    assert_eq!(
        facts(&picture, FactKind::Recipient),
        [
            "copy: s3://kaveri-exports",
            "mail: ops@altscore.example",
            "mail: x@partner.example",
            "the program: https://calls.kaveri.example/x",
        ]
    );
    assert_eq!(facts(&picture, FactKind::Region), ["copy: ap-southeast-1"]);
    let unsure: Vec<&str> = picture.unsure.iter().map(String::as_str).collect();
    assert_eq!(
        unsure,
        [
            "some settings of late are worked out when it runs",
            "the `dest_bucket` of late is worked out when it runs",
            "the `endpoint_url` of late is worked out when it runs",
        ]
    );
    assert!(matches!(read(Kind::Python, "x.py", "def (".to_owned()), Said::Unknown(_)));
}

/// What would exhaust a stack, a clock or a memory ends in a word.
#[test]
fn hostile_files_are_not_read_and_end() {
    let kinds = [
        Kind::Migration,
        Kind::DbtModel,
        Kind::DbtYaml,
        Kind::Avro,
        Kind::JsonSchema,
        Kind::AsyncApi,
        Kind::Proto,
        Kind::Python,
    ];
    for kind in kinds {
        for open in ["(", "[", "{", "[{", "{\"a\":"] {
            let said = read(kind, "x", open.repeat(20_000));
            assert!(matches!(said, Said::Unknown(_)), "{kind:?} {open}");
        }
        assert!(matches!(read(kind, "x", " ".repeat(LONGEST + 1)), Said::Unknown(_)), "{kind:?}");
    }
    for deep in ["-", "not ", "~", "a.", "a if b else ", "lambda: ", "a**", "await ", "f()()"] {
        let text = format!("x = {}1\n", deep.repeat(60_000 / deep.len()));
        // Whether the parser takes it or not: it ends, and nothing is taken for known that is not.
        let said = read(Kind::Python, "x.py", text);
        assert!(matches!(said, Said::Unknown(_) | Said::State(_)), "{deep}");
    }
    for deep in ["not ", "- ", "a = a and ", "case when a then ", "a::"] {
        let text = format!("select {}1", deep.repeat(200_000 / deep.len()));
        drop(read(Kind::Migration, "x.sql", text));
    }
}
