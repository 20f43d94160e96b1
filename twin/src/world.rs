//! Who and what is AltScore? The people, repositories and services that every model starts from: data only.

use serde::Serialize;

/// The AWS account that owns the registry.
pub const AWS_ACCOUNT: &str = "210987654321";
/// The AWS region of the registry.
pub const AWS_REGION: &str = "ap-south-1";
/// The GitHub organization.
pub const ORGANIZATION: &str = "altscore";
/// The organization's numeric id.
pub const ORGANIZATION_ID: u64 = 6001;
/// The GitHub App that is Gatehouse.
pub const APP_ID: u64 = 424_242;
/// The App's installation on the organization.
pub const INSTALLATION_ID: u64 = 600_001;
/// The App's webhook.
pub const HOOK_ID: u64 = 423_885_699;
/// The OIDC client that is Gatehouse.
pub const CLIENT_ID: &str = "gatehouse";

/// One human being, as the identity provider, GitHub and Gatehouse's own list know them.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// The identity provider's `sub`.
    pub sub: String,
    /// The `employee_id` claim; without one the claim is absent.
    pub employee: Option<String>,
    /// The name shown to people.
    pub name: String,
    /// What they do, for the page that asks who one wants to be.
    pub title: String,
    /// The e-mail claim.
    pub email: String,
    /// The GitHub account, if there is one.
    pub login: Option<String>,
    /// The GitHub account's numeric id.
    pub github_id: Option<u64>,
    /// The identity provider's groups.
    pub groups: Vec<String>,
    /// The roles on Gatehouse's own list; empty means: not admitted.
    pub admitted: Vec<String>,
}

/// A repository of the organization.
#[derive(Clone, Copy, Debug)]
pub struct RepositorySeed {
    /// Numeric id.
    pub id: u64,
    /// Name without the owner.
    pub name: &'static str,
    /// One line.
    pub description: &'static str,
}

/// A service, and where each system keeps it.
#[derive(Clone, Debug, Serialize)]
pub struct Service {
    /// Our word.
    pub name: String,
    /// GitHub's numeric id of the repository.
    pub repository_id: u64,
    /// `owner/name`.
    pub repository: String,
    /// The workflow file.
    pub workflow: String,
    /// The workflow's numeric id.
    pub workflow_id: u64,
    /// The repository in ECR.
    pub image_repository: String,
    /// The Kubernetes namespace.
    pub namespace: String,
    /// The Deployment.
    pub deployment: String,
    /// The container in it.
    pub container: String,
    /// The folder of the source.
    pub source_path: String,
    /// The folder whose tree is the configuration.
    pub config_path: String,
    /// The folder of the migrations; it may be absent in the tree.
    pub migrations_path: String,
    /// Who owns it.
    pub owner_team: String,
    /// Replicas in production.
    pub replicas: u32,
}

/// The organization's repositories.
pub const REPOSITORIES: [RepositorySeed; 5] = [
    RepositorySeed { id: 7001, name: "services", description: "Service source, Dockerfile and Helm chart per service" },
    RepositorySeed {
        id: 7002,
        name: "platform",
        description: "Terraform modules: VPC, EKS, RDS, ElastiCache, MSK, S3, KMS, IAM",
    },
    RepositorySeed { id: 7003, name: "ml", description: "Training code, feature engineering, the scoring engine" },
    RepositorySeed {
        id: 7004,
        name: "data-pipelines",
        description: "Airflow DAGs, dbt models, Spark jobs, schema definitions",
    },
    RepositorySeed { id: 7005, name: "k8s-config", description: "Helm values per environment, NetworkPolicy, RBAC" },
];

/// The people of the demo. Employee `E-1001` is `u-1001` to the identity provider.
#[must_use]
pub fn people() -> Vec<Person> {
    let person = |number: u32, name: &str, title: &str, login: &str, groups: &[&str], admitted: &[&str]| Person {
        sub: format!("u-{number}"),
        employee: Some(format!("E-{number}")),
        name: name.to_owned(),
        title: title.to_owned(),
        email: format!("{}@altscore.example", name.to_lowercase().replace(' ', ".")),
        login: Some(login.to_owned()),
        github_id: Some(u64::from(number) + 49_000),
        groups: groups.iter().map(|group| format!("altscore-{group}")).collect(),
        admitted: admitted.iter().map(|role| (*role).to_owned()).collect(),
    };
    vec![
        person(1001, "Asha Rao", "Engineer, on call", "asha-rao", &["engineers", "oncall"], &["engineer", "oncall"]),
        person(1002, "Rohan Das", "Engineer, scoring", "rohandas", &["engineers"], &["engineer"]),
        person(1003, "Leela Menon", "Engineer, consent", "leela-m", &["engineers"], &["engineer"]),
        person(1004, "Farah Khan", "Security", "farahk", &["security"], &["security"]),
        person(1005, "Meera Nair", "Data protection officer", "meeranair", &["dpo"], &["dpo"]),
        person(
            1006,
            "Vikram Iyer",
            "Engineer, guardrail committee",
            "viyer",
            &["engineers", "guardrail"],
            &["engineer", "guardrail"],
        ),
        person(1007, "Sunita Pillai", "Auditor", "sunita-p", &["audit"], &["auditor"]),
        person(1008, "Nikhil Joshi", "Contractor, not admitted", "nikhil-ext", &["engineers"], &[]),
        person(1031, "Ishaan Kulkarni", "Engineer, platform", "ishaan-k", &["engineers"], &["engineer"]),
        person(1032, "Tara Bose", "Engineer, engagement", "tara-b", &["engineers"], &["engineer"]),
        person(1033, "Devika Shah", "Engineer, ingestion", "devika-s", &["engineers"], &["engineer"]),
        person(1034, "Kavita Reddy", "Engineering lead", "kavita-r", &["leads"], &["lead"]),
        Person {
            sub: "u-9001".to_owned(),
            employee: None,
            name: "Guest Auditor".to_owned(),
            title: "Visitor without an employee number".to_owned(),
            email: "guest@auditors.example".to_owned(),
            login: None,
            github_id: None,
            groups: vec!["altscore-audit".to_owned()],
            admitted: Vec::new(),
        },
    ]
}

/// The services that Gatehouse governs.
#[must_use]
pub fn services() -> Vec<Service> {
    let api = |index: u64, name: &str, team: &str, replicas: u32| Service {
        name: name.to_owned(),
        repository_id: 7001,
        repository: "altscore/services".to_owned(),
        workflow: format!(".github/workflows/{name}.yml"),
        workflow_id: 90_001 + index,
        image_repository: format!("altscore/{name}"),
        namespace: "altscore-api".to_owned(),
        deployment: name.to_owned(),
        container: name.to_owned(),
        source_path: format!("services/{name}"),
        config_path: format!("services/{name}/deploy"),
        migrations_path: format!("services/{name}/migrations"),
        owner_team: team.to_owned(),
        replicas,
    };
    let mut all = vec![
        api(0, "score-api", "scoring", 3),
        api(1, "consent-service", "consent", 3),
        api(2, "erp-ingestion", "ingestion", 2),
        api(3, "notification-service", "engagement", 2),
        api(4, "admin-service", "platform", 2),
        api(5, "audit-service", "platform", 2),
    ];
    all.push(Service {
        repository_id: 7003,
        repository: "altscore/ml".to_owned(),
        namespace: "altscore-ml".to_owned(),
        source_path: "scoring-engine".to_owned(),
        config_path: "scoring-engine/deploy".to_owned(),
        migrations_path: "scoring-engine/migrations".to_owned(),
        ..api(6, "scoring-engine", "scoring", 2)
    });
    all
}

/// The registry's host.
#[must_use]
pub fn registry() -> String {
    format!("{AWS_ACCOUNT}.dkr.ecr.{AWS_REGION}.amazonaws.com")
}
