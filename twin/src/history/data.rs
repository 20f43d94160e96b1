//! What the ingestion service keeps and gives away: its event, dbt models, a DAG and a migration, before and after one
//! change that a data protection officer should read.

use crate::github::push::Edit;

const ROOT: &str = "services/erp-ingestion";

fn write(path: &str, content: &str) -> Edit {
    Edit::Write(format!("{ROOT}/{path}"), content.to_owned())
}

/// What was there before.
pub(super) fn start() -> Vec<Edit> {
    vec![
        write(
            "schemas/invoice.avsc",
            r#"{
  "type": "record",
  "name": "Invoice",
  "namespace": "altscore.erp",
  "fields": [
    { "name": "retailer_id", "type": "string" },
    { "name": "amount", "type": "long" }
  ]
}
"#,
        ),
        write("dbt/dbt_project.yml", "name: erp\nversion: \"1.0\"\nprofile: altscore\nmodel-paths: [models]\n"),
        write(
            "dbt/models/schema.yml",
            r#"version: 2
models:
  - name: retailer_features
    description: Figures that a score is made of.
    meta:
      purpose: [credit scoring]
      retention: 18 months
      region: ap-south-1
    columns:
      - name: retailer_id
        data_type: text
      - name: turnover
        data_type: numeric
        meta: { pii: turnover }
"#,
        ),
        write(
            "dbt/models/gold/retailer_features.sql",
            "{{ config(materialized='table') }}\nselect retailer_id, sum(amount) as turnover\nfrom {{ ref('silver_invoices') }}\ngroup by 1\n",
        ),
        write(
            "dags/gold_refresh.py",
            r#""""Refreshes the gold layer every four hours."""

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(dag_id="gold_refresh", schedule="0 */4 * * *", tags=["gold"]):
    BashOperator(task_id="dbt_run", bash_command="dbt run --select gold")
"#,
        ),
    ]
}

/// The change: phone numbers are read, kept longer, used for reminders, and given to a partner in Singapore.
pub(crate) fn pipeline() -> Vec<Edit> {
    vec![
        write(
            "schemas/invoice.avsc",
            r#"{
  "type": "record",
  "name": "Invoice",
  "namespace": "altscore.erp",
  "fields": [
    { "name": "retailer_id", "type": "string" },
    { "name": "amount", "type": "long" },
    { "name": "retailer_phone", "type": ["null", "string"], "default": null }
  ]
}
"#,
        ),
        write(
            "migrations/0003_retailer_contact.sql",
            "alter table erp_ingestion.retailers add column phone text, add column pan_number varchar(10);\ncreate index retailers_phone on erp_ingestion.retailers (phone);\n",
        ),
        write(
            "dbt/models/schema.yml",
            r#"version: 2
models:
  - name: retailer_features
    description: Figures that a score is made of, and how to reach the retailer.
    meta:
      purpose: [credit scoring, repayment reminders]
      retention: 3 years
      region: ap-south-1
    columns:
      - name: retailer_id
        data_type: text
      - name: turnover
        data_type: numeric
        meta: { pii: turnover }
      - name: retailer_phone
        data_type: text
        meta: { pii: phone number }
exposures:
  - name: reminder_calls
    type: application
    owner: { name: Kaveri Finance }
    url: https://calls.kaveri.example/altscore
"#,
        ),
        write(
            "dbt/models/gold/retailer_features.sql",
            "{{ config(materialized='table') }}\nselect retailer_id, sum(amount) as turnover, max(retailer_phone) as retailer_phone\nfrom {{ ref('silver_invoices') }}\ngroup by 1\n",
        ),
        write(
            "dags/gold_refresh.py",
            r#""""Refreshes the gold layer every four hours, and gives the partner what it calls by."""

from airflow import DAG
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator

with DAG(dag_id="gold_refresh", schedule="0 */4 * * *", tags=["gold"]):
    refresh = BashOperator(task_id="dbt_run", bash_command="dbt run --select gold")
    share = S3CopyObjectOperator(
        task_id="share_phone_numbers",
        source_bucket_key="s3://altscore-gold/retailer_features.parquet",
        dest_bucket_name=Variable.get("partner_bucket"),
        dest_bucket_key="retailer_features.parquet",
        region_name="ap-southeast-1",
    )
    refresh >> share
"#,
        ),
        write(
            "app/invoices.py",
            "def phone(row: dict[str, str]) -> str | None:\n    \"\"\"The retailer's phone number, where the ERP has it.\"\"\"\n    return row.get(\"PHONE\") or None\n",
        ),
    ]
}
