#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use std::collections::{BTreeMap, BTreeSet};

fn dictionary() -> Dictionary {
    Dictionary::parse(include_str!("../../../../../policies/personal-data.json")).unwrap()
}

fn table(columns: &[(&str, &str)]) -> Table {
    let column =
        |(name, kind): &(&str, &str)| ((*name).to_owned(), Column { kind: (*kind).to_owned(), declared: None });
    Table { columns: columns.iter().map(column).collect() }
}

fn fact(kind: FactKind, of: &str, texts: &[&str]) -> ((FactKind, String), BTreeSet<String>) {
    ((kind, of.to_owned()), texts.iter().map(|text| (*text).to_owned()).collect())
}

fn state(tables: &[(&str, Table)], facts: &[((FactKind, String), BTreeSet<String>)]) -> Option<Said> {
    Some(Said::State(Picture {
        tables: tables.iter().map(|(name, table)| ((*name).to_owned(), table.clone())).collect(),
        facts: facts.iter().cloned().collect(),
        unsure: BTreeSet::new(),
    }))
}

fn steps(steps: Vec<Step>) -> Option<Said> {
    Some(Said::Steps { steps, facts: BTreeMap::new(), unsure: BTreeSet::new() })
}

fn of(before: Option<Said>, now: Option<Said>) -> DataReport {
    let file = FileVersions { path: "x.yml".to_owned(), before, now };
    DataReport::of(&[file], Ok(&dictionary()))
}

#[test]
fn the_dictionary_knows_a_person_by_words_not_by_letters() {
    let dictionary = dictionary();
    let classes = |name: &str| dictionary.classes_of(name).map(str::to_owned).collect::<Vec<_>>();
    for (name, class) in [
        ("pan_number", "PAN (tax number)"),
        ("retailerPAN", "PAN (tax number)"),
        ("borrower_aadhaar_hash", "Aadhaar"),
        ("contactPhone2", "Phone number"),
        ("payer-bank-account-no", "Bank account"),
        ("EMAIL", "E-mail address"),
    ] {
        assert_eq!(classes(name), [class], "{name}");
    }
    for name in ["company", "expand", "panel", "requests_per_minute", "amount", "retailer_id", "", "\u{202e}"] {
        assert!(classes(name).is_empty(), "{name}: {:?}", classes(name));
    }
    assert_eq!(dictionary.classes_of_column("erp.retailers", "name"), ["Name"]);
    assert!(dictionary.classes_of_column("models", "name").is_empty());
    assert_eq!(dictionary.people_of("altscore.retailers").collect::<Vec<_>>(), ["Retailers"]);
}

#[test]
fn a_dictionary_that_is_none_is_refused_and_leaves_nothing_certain() {
    for text in ["", "{}", "[]", r#"{"personal": {"classes": [], "people": [], "india": ["x"], "own_hosts": []}}"#] {
        let malformed = Dictionary::parse(text).unwrap_err();
        let file = FileVersions { path: "a.sql".to_owned(), before: None, now: steps(Vec::new()) };
        let report = DataReport::of(&[file], Err(&malformed));
        assert_eq!(report.leaves_india(), Says::CannotTell);
        assert_eq!(report.personal, BTreeSet::from(["a.sql".to_owned()]));
    }
    let shouting = r#"{"personal": {"classes": [{"name": "PAN", "words": ["PAN"]}], "people": [], "india": ["x"], "own_hosts": []}}"#;
    assert!(Dictionary::parse(shouting).is_err(), "a word that no name can match");
}

#[test]
fn where_a_region_or_address_is() {
    let dictionary = dictionary();
    for text in ["ap-south-1", "ap-south-2", "centralindia", "s3.ap-south-1.amazonaws.com", "AP-SOUTH-1", "Mumbai"] {
        assert_eq!(dictionary.place_of(text), Place::India, "{text}");
    }
    for text in [
        "us-east-1",
        "eu-west-3",
        "ap-southeast-1",
        "us-gov-east-1",
        "europe-west4",
        "asia-northeast1",
        "westeurope",
        "eastus2",
        "southeastasia",
        "https://x.s3.us-west-2.amazonaws.com/y",
        // Both: what is abroad counts.
        "ap-south-1,us-east-1",
    ] {
        assert_eq!(dictionary.place_of(text), Place::Abroad, "{text}");
    }
    for text in ["", "altscore-gold", "production", "east-wing", "https://calls.kaveri.example"] {
        assert_eq!(dictionary.place_of(text), Place::Unsaid, "{text}");
    }
}

#[test]
fn a_migration_that_adds_a_number_touches_people_and_one_that_adds_an_index_does_not() {
    let pan = Step::ColumnComes {
        table: "erp.retailers".to_owned(),
        column: "pan_number".to_owned(),
        kind: "text".to_owned(),
    };
    let report = of(None, steps(vec![pan]));
    assert_eq!((report.touches_people(), report.personal.len()), (Says::Yes, 1));
    assert_eq!(report.people, BTreeSet::from(["Retailers".to_owned()]));
    let index = of(None, steps(Vec::new()));
    assert_eq!((index.touches_people(), index.personal.len(), index.moves.len()), (Says::No, 0, 0));
    let unread = of(None, Some(Said::Unknown("it is not SQL that could be read".to_owned())));
    assert_eq!((unread.touches_people(), unread.personal.len()), (Says::CannotTell, 1));
    assert_eq!(unread.unsure.first().unwrap().path, "x.yml");
}

#[test]
fn a_migration_that_was_there_before_cannot_be_told() {
    for (before, now) in [(steps(vec![]), steps(vec![])), (steps(vec![]), None)] {
        let report = of(before, now);
        assert_eq!((report.unsure.len(), report.personal.len()), (1, 1));
    }
}

#[test]
fn tables_and_columns_come_go_and_become_others() {
    let before = state(&[("a", table(&[("id", "text"), ("phone", "text"), ("n", "int")])), ("gone", table(&[]))], &[]);
    let now = state(&[("a", table(&[("id", "text"), ("email", "text"), ("n", "bigint")])), ("new", table(&[]))], &[]);
    let report = of(before, now);
    let told: Vec<String> = report.moves.iter().map(|it| format!("{:?}", it.step)).collect();
    assert_eq!(
        told,
        [
            r#"TableComes { table: "new" }"#,
            r#"TableGoes { table: "gone" }"#,
            r#"ColumnComes { table: "a", column: "email", kind: "text" }"#,
            r#"ColumnGoes { table: "a", column: "phone" }"#,
            r#"ColumnRetyped { table: "a", column: "n", from: Some("int"), to: "bigint" }"#,
        ]
    );
    let classes: Vec<&str> = report.classes.iter().map(|touched| touched.class.as_str()).collect();
    assert_eq!(classes, ["E-mail address", "Phone number"]);
}

#[test]
fn what_is_declared_counts_whatever_the_name() {
    let declared = |class: Option<&str>| {
        let column = Column { kind: "text".to_owned(), declared: class.map(str::to_owned) };
        state(&[("a", Table { columns: BTreeMap::from([("ref_7".to_owned(), column)]) })], &[])
    };
    let report = of(declared(None), declared(Some("caste")));
    assert_eq!((report.moves.len(), report.classes[0].class.as_str()), (1, "caste"));
    assert_eq!(of(declared(Some("caste")), declared(None)).touches_people(), Says::Yes, "nor is it taken back unseen");
}

#[test]
fn what_is_declared_and_what_the_name_says_is_one_class() {
    let column = |declared: &str| Column { kind: "text".to_owned(), declared: Some(declared.to_owned()) };
    let classes = |columns: [(&str, &str); 2]| {
        let columns = columns.map(|(name, declared)| (name.to_owned(), column(declared)));
        let report =
            of(state(&[("a", table(&[]))], &[]), state(&[("a", Table { columns: BTreeMap::from(columns) })], &[]));
        report.classes.into_iter().map(|touched| touched.class).collect::<Vec<_>>()
    };
    assert_eq!(classes([("phone", "phone NUMBER"), ("ref_7", "phone number")]), ["Phone number"]);
    assert_eq!(classes([("phone", "number"), ("turnover", "Turnover")]), ["Phone number", "Income or turnover"]);
    assert_eq!(classes([("phone", "caste"), ("ref_7", "caste")]), ["Phone number", "caste"]);
}

#[test]
fn a_new_purpose_recipient_region_and_a_longer_term_are_said() {
    use FactKind::{Purpose, Recipient, Region, Retention};
    let before = state(
        &[],
        &[fact(Purpose, "m", &["scoring"]), fact(Retention, "m", &["18 months"]), fact(Region, "m", &["ap-south-1"])],
    );
    let now = state(
        &[],
        &[
            fact(Purpose, "m", &["scoring", "reminders"]),
            fact(Retention, "m", &["3 years"]),
            fact(Region, "m", &["ap-southeast-1"]),
            fact(Recipient, "m", &["https://calls.kaveri.example/x"]),
        ],
    );
    let report = of(before.clone(), now);
    assert_eq!(
        [report.has_new(Purpose), report.has_new(Recipient), report.keeps_longer(), report.leaves_india()],
        [Says::Yes; 4]
    );
    assert!(!report.leaving[0].already);
    let where_is_it = report.unsure.iter().any(|it| it.why.contains("calls.kaveri.example"));
    assert!(where_is_it, "where the new recipient is, nobody says: {:?}", report.unsure);

    let same = of(before.clone(), before);
    let no = [same.has_new(Purpose), same.has_new(Recipient), same.keeps_longer(), same.leaves_india()];
    assert_eq!((no, same.facts.len()), ([Says::No; 4], 0));
}

#[test]
fn what_lies_abroad_already_is_said_too() {
    let abroad = || state(&[], &[fact(FactKind::Region, "m", &["us-east-1"])]);
    let report = of(abroad(), abroad());
    assert_eq!((report.leaves_india(), report.leaving[0].already), (Says::Yes, true));
}

#[test]
fn a_term_that_is_gone_or_cannot_be_read_may_be_longer() {
    let kept = |text: &[&str]| state(&[], &[fact(FactKind::Retention, "m", text)]);
    assert_eq!(of(kept(&["3 years"]), state(&[], &[])).keeps_longer(), Says::CannotTell);
    assert_eq!(of(kept(&["3 years"]), kept(&["as agreed"])).keeps_longer(), Says::CannotTell);
    assert_eq!(of(kept(&["3 years"]), kept(&["30 days"])).keeps_longer(), Says::No);
    assert_eq!(of(kept(&["3 years"]), kept(&["indefinite"])).keeps_longer(), Says::Yes);
}

#[test]
fn ones_own_hosts_and_buckets_are_no_strangers() {
    let to = |text: &str| of(state(&[], &[]), state(&[], &[fact(FactKind::Recipient, "m", &[text])])).unsure.len();
    for own in [
        "s3://altscore-gold/x",
        "https://etl.altscore.internal/x",
        "ops@altscore.example",
        "aws_default",
        "role reader",
    ] {
        assert_eq!(to(own), 0, "{own}");
    }
    for strange in [
        "s3://kaveri-exports",
        "https://altscore.internal.evil.example/",
        "x@gmail.com",
        "https://a@evil.example:8443/b",
    ] {
        assert_eq!(to(strange), 1, "{strange}");
    }
}

#[test]
fn a_report_has_exact_bytes_and_is_bounded() {
    let many: Vec<Step> = (0..2000)
        .map(|n| Step::ColumnComes { table: "t\u{7}".repeat(300), column: format!("phone_{n}"), kind: String::new() })
        .collect();
    let report = of(None, steps(many));
    assert_eq!(report.moves.len(), 300);
    assert!(report.unsure.iter().any(|it| it.why.contains("more than the 300 lines")));
    let Step::ColumnComes { table, .. } = &report.moves[0].step else { unreachable!("a column") };
    assert!(table.chars().count() <= 161 && !table.contains('\u{7}'), "{table}");
    let bytes = report.to_bytes();
    assert_eq!(DataReport::parse(&bytes).unwrap(), report);
    assert_eq!(DataReport::parse(&bytes).unwrap().digest(), report.digest());
    let other = String::from_utf8(bytes).unwrap().replace("gatehouse.data/v1", "gatehouse.data/v9");
    assert!(DataReport::parse(other.as_bytes()).is_none());
}
