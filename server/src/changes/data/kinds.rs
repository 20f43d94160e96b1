//! Which files say something about data, and in which language? By their paths alone.

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// SQL that is run once.
    Migration,
    /// A `select` that dbt makes a table of.
    DbtModel,
    /// dbt's properties: models, sources, exposures, the project.
    DbtYaml,
    Avro,
    JsonSchema,
    AsyncApi,
    Proto,
    /// A DAG, or a Spark job.
    Python,
    /// It says something about data, and is not read, for this reason.
    Opaque(&'static str),
}

/// Documents say nothing that a machine does.
const DOCUMENTS: [&str; 5] = [".md", ".txt", ".rst", ".gitkeep", ".gitignore"];
const PIPELINE: [&str; 5] = ["dags", "airflow", "dbt", "spark", "schemas"];

impl Kind {
    /// Of a file; `None` where it says nothing about data.
    pub(super) fn of(path: &str, repository: &str, migrations: &str) -> Option<Self> {
        let path = path.to_lowercase();
        let mut folders: Vec<&str> = path.split('/').collect();
        let name = folders.pop()?;
        let within = |wanted: &[&str]| folders.iter().any(|folder| wanted.contains(folder));
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&DOCUMENTS) {
            return None;
        }
        let is_migration = within(&["migrations"]) || path.starts_with(&format!("{}/", migrations.to_lowercase()));
        let is_pipeline = within(&PIPELINE) || repository.to_lowercase().ends_with("/data-pipelines");
        let yaml = ends(&[".yml", ".yaml"]);
        let kind = if is_migration {
            if ends(&[".sql"]) { Self::Migration } else { Self::Opaque("it is a migration that is not SQL") }
        } else if ends(&[".avsc"]) {
            Self::Avro
        } else if ends(&[".proto"]) {
            Self::Proto
        } else if ends(&["asyncapi.yaml", "asyncapi.yml", "asyncapi.json"]) {
            Self::AsyncApi
        } else if !is_pipeline {
            return None;
        } else if yaml && (within(&["dbt", "models"]) || name.starts_with("dbt_project.")) {
            Self::DbtYaml
        } else if ends(&[".sql"]) && within(&["dbt", "models"]) {
            Self::DbtModel
        } else if ends(&[".json"]) && within(&["schemas"]) {
            Self::JsonSchema
        } else if ends(&[".py"]) {
            Self::Python
        } else {
            Self::Opaque("it is of a kind that is not read here")
        };
        Some(kind)
    }

    /// The longest text that is read. A program's tree is the costliest.
    pub(super) fn longest(self) -> usize {
        match self {
            Self::Python => 64 << 10,
            _ => crate::apart::LONGEST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    fn of(path: &str) -> Option<Kind> {
        Kind::of(path, "altscore/services", "services/erp-ingestion/db")
    }

    #[test]
    fn a_file_is_told_by_where_it_is_and_how_it_ends() {
        for (path, kind) in [
            ("services/erp-ingestion/db/0001.sql", Some(Kind::Migration)),
            ("services/score-api/Migrations/0001_x.SQL", Some(Kind::Migration)),
            ("services/x/migrations/0001.py", Some(Kind::Opaque("it is a migration that is not SQL"))),
            ("services/x/migrations/README.md", None),
            ("dbt/models/gold/x.sql", Some(Kind::DbtModel)),
            ("services/x/dbt/models/schema.yml", Some(Kind::DbtYaml)),
            ("dbt/dbt_project.yml", Some(Kind::DbtYaml)),
            ("dags/gold.py", Some(Kind::Python)),
            ("events/invoice.avsc", Some(Kind::Avro)),
            ("api/score.proto", Some(Kind::Proto)),
            ("docs/asyncapi.yaml", Some(Kind::AsyncApi)),
            ("services/x/schemas/ledger.json", Some(Kind::JsonSchema)),
            ("spark/job.scala", Some(Kind::Opaque("it is of a kind that is not read here"))),
            ("services/x/app/main.py", None),
            ("modules/eks/main.tf", None),
        ] {
            assert_eq!(of(path), kind, "{path}");
        }
        // Everything in the pipelines' own repository is about data.
        assert_eq!(Kind::of("lib/x.py", "altscore/data-pipelines", "m"), Some(Kind::Python));
    }
}
