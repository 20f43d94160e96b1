//! What is in AltScore's files: small, believable, and enough for a diff that is worth reading.

use crate::github::push::Edit;
use crate::world::Service;

fn write(path: impl Into<String>, content: impl Into<String>) -> Edit {
    Edit::Write(path.into(), content.into())
}

pub(super) fn dockerfile(python: &str) -> String {
    format!(
        "FROM python:{python}-slim-bookworm AS build\nWORKDIR /src\nCOPY pyproject.toml uv.lock ./\nRUN pip install --no-cache-dir uv && uv sync --frozen --no-dev\nCOPY app app\n\n\
         FROM python:{python}-slim-bookworm\nRUN useradd --system --uid 10001 altscore\nCOPY --from=build /src /srv\nUSER 10001\nEXPOSE 8080\nCMD [\"/srv/.venv/bin/uvicorn\", \"app.main:app\", \"--host\", \"0.0.0.0\", \"--port\", \"8080\"]\n"
    )
}

fn workflow(service: &Service) -> String {
    let (name, image) = (&service.name, &service.image_repository);
    format!(
        "name: {name}\non:\n  push:\n    branches: [main]\n    paths: [\"{path}/**\"]\npermissions:\n  id-token: write\n  contents: read\njobs:\n  commit:\n    runs-on: ubuntu-24.04\n    steps: [{{ uses: ./.github/actions/check, with: {{ path: {path} }} }}]\n  \
         build:\n    needs: commit\n    runs-on: ubuntu-24.04\n    steps: [{{ uses: ./.github/actions/image, with: {{ path: {path}, image: {image} }} }}]\n  staging:\n    needs: build\n    environment: staging\n    runs-on: ubuntu-24.04\n    steps: [{{ uses: ./.github/actions/helm, with: {{ chart: {config}, values: values-staging.yaml }} }}]\n  \
         production:\n    needs: staging\n    environment: production\n    runs-on: ubuntu-24.04\n    steps: [{{ uses: ./.github/actions/helm, with: {{ chart: {config}, values: values-production.yaml }} }}]\n",
        path = service.source_path,
        config = service.config_path,
    )
}

fn values(replicas: u32, limit: Option<u32>) -> String {
    let limit = limit.map(|limit| format!("env:\n  LENDER_REQUESTS_PER_MINUTE: \"{limit}\"\n")).unwrap_or_default();
    format!(
        "image:\n  pullPolicy: IfNotPresent\nautoscaling:\n  minReplicas: {replicas}\n  maxReplicas: 20\n  targetCPUUtilizationPercentage: 70\nresources:\n  requests: {{ cpu: 250m, memory: 256Mi }}\n  limits: {{ memory: 512Mi }}\n{limit}"
    )
}

fn config(limit: u32) -> String {
    format!(
        "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    lender_requests_per_minute: int = {limit}\n    directory_cache_seconds: int = 300\n    request_timeout_seconds: float = 2.0\n"
    )
}

/// As Backstage reads it.
fn catalog(service: &Service) -> String {
    let Service { name, owner_team, .. } = service;
    let (tier, system, needs) = match name.as_str() {
        "score-api" => ("1", "scoring", "[component:default/scoring-engine, resource:default/scores-db]"),
        "scoring-engine" => ("1", "scoring", "[resource:default/feature-store]"),
        "consent-service" => ("1", "consent", "[resource:default/consents-db]"),
        "erp-ingestion" => ("2", "ingestion", "[resource:default/bronze-bucket]"),
        _ => ("3", "platform", "[]"),
    };
    let description = match name.as_str() {
        "score-api" => "Answers a lender with a retailer's score, and says which features it came from.",
        "scoring-engine" => "Turns features into scores; one model in front, one in its shadow.",
        "consent-service" => "Keeps who agreed to what, and forgets it when they take it back.",
        "erp-ingestion" => "Takes invoices from distributors' ERP systems over mTLS tunnels.",
        "notification-service" => "Tells retailers and lenders what happened to them.",
        _ => "What AltScore's own people work with.",
    };
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  description: {description}\n  labels: {{ tier: \"{tier}\" }}\n  annotations:\n    github.com/project-slug: {repository}\n    pagerduty.com/service-id: P{id}\n  links:\n    - {{ url: \"https://runbooks.altscore.example/{name}\", title: Runbook }}\n    - {{ url: \"https://grafana.altscore.example/d/{name}\", title: Dashboard }}\nspec:\n  type: service\n  lifecycle: production\n  owner: group:default/{owner_team}\n  system: {system}\n  dependsOn: {needs}\n",
        repository = service.repository,
        id = name.replace('-', "").to_uppercase().chars().take(6).collect::<String>(),
    )
}

fn of_service(service: &Service) -> Vec<Edit> {
    let (root, deploy, name) = (&service.source_path, &service.config_path, &service.name);
    let score = name == "score-api";
    let mut edits = vec![
        write(&service.workflow, workflow(service)),
        write(format!("{root}/Dockerfile"), dockerfile("3.13.1")),
        write(
            format!("{root}/pyproject.toml"),
            format!(
                "[project]\nname = \"{name}\"\nversion = \"1.0.0\"\nrequires-python = \">=3.13\"\ndependencies = [\"fastapi\", \"pydantic-settings\", \"sqlalchemy\"]\n"
            ),
        ),
        write(
            format!("{root}/app/main.py"),
            format!(
                "\"\"\"{name}.\"\"\"\n\nfrom fastapi import FastAPI\n\napp = FastAPI(title=\"{name}\")\n\n\n@app.get(\"/healthz\")\ndef healthz() -> dict[str, str]:\n    return {{\"status\": \"ok\"}}\n"
            ),
        ),
        write(format!("{root}/app/config.py"), config(600)),
        write(
            format!("{root}/tests/test_main.py"),
            "from app.main import healthz\n\n\ndef test_healthz():\n    assert healthz() == {\"status\": \"ok\"}\n",
        ),
        write(format!("{deploy}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 1.4.0\n")),
        write(format!("{deploy}/values.yaml"), values(1, None)),
        write(format!("{deploy}/values-staging.yaml"), values(2, score.then_some(600))),
        write(format!("{deploy}/values-production.yaml"), values(2, score.then_some(600))),
        write(
            format!("{deploy}/templates/deployment.yaml"),
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  replicas: {{ .Values.autoscaling.minReplicas }}\n",
        ),
    ];
    if score {
        edits.push(write(format!("{root}/app/rate_limit.py"), "from app.config import Settings\n\n\ndef allowed(key: str, used: int, settings: Settings) -> bool:\n    \"\"\"Whether one more request of this API key may pass.\"\"\"\n    return used < settings.lender_requests_per_minute\n"));
        edits.push(write(format!("{root}/app/lenders.py"), "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Lender:\n    id: str\n    name: str\n    sandbox: bool = False\n"));
        edits.push(write(format!("{root}/tests/test_rate_limit.py"), "from app.config import Settings\nfrom app.rate_limit import allowed\n\n\ndef test_below_the_limit_passes():\n    assert allowed(\"k-1\", 599, Settings())\n"));
    }
    // One team has not written its own yet.
    if name != "audit-service" {
        edits.push(write(format!("{root}/catalog-info.yaml"), catalog(service)));
    }
    if name == "erp-ingestion" {
        edits.extend(super::data::start());
    }
    if !matches!(name.as_str(), "notification-service" | "scoring-engine") {
        let migrations = &service.migrations_path;
        edits.push(write(
            format!("{migrations}/0001_start.sql"),
            format!("create schema {};\n", name.replace('-', "_")),
        ));
        edits.push(write(
            format!("{migrations}/0002_row_level_security.sql"),
            "alter table tenants enable row level security;\n",
        ));
    }
    edits
}

pub(super) fn of_repository(name: &str, services: &[Service]) -> Vec<Edit> {
    let mut edits = vec![
        write("README.md", format!("# altscore/{name}\n")),
        write(".github/CODEOWNERS", "* @altscore/engineers\n/.github/ @altscore/security\n"),
    ];
    edits.extend(
        services.iter().filter(|service| service.repository == format!("altscore/{name}")).flat_map(of_service),
    );
    match name {
        "platform" => edits.extend([
            write("modules/eks/main.tf", "resource \"aws_eks_cluster\" \"this\" {\n  name    = var.name\n  version = \"1.33\"\n}\n"),
            write("modules/rds/main.tf", "resource \"aws_db_instance\" \"this\" {\n  engine         = \"postgres\"\n  engine_version = \"15\"\n  multi_az       = true\n}\n"),
        ]),
        "ml" => edits.push(write("training/features.py", "WINDOW_DAYS = 90\n")),
        "data-pipelines" => edits.extend([
            write("dags/gold_refresh.py", "SCHEDULE = \"0 */4 * * *\"\n"),
            write("dbt/models/gold/retailer_features.sql", "select retailer_id, sum(amount) as turnover from {{ ref('silver_invoices') }} group by 1\n"),
        ]),
        "k8s-config" => edits.extend([
            write("altscore-api/network-policy.yaml", "kind: NetworkPolicy\nmetadata: { name: deny-all, namespace: altscore-api }\n"),
            write("rbac/engineers.yaml", "kind: ClusterRole\nmetadata: { name: engineers-read }\n"),
        ]),
        _ => {}
    }
    edits
}

pub(super) fn consent_edits() -> Vec<Edit> {
    let root = "services/consent-service";
    vec![
        write(
            format!("{root}/app/devices.py"),
            "def needs_new_consent(known: set[str], device: str) -> bool:\n    \"\"\"A device that has not been seen before asks again.\"\"\"\n    return device not in known\n",
        ),
        write(
            format!("{root}/tests/test_devices.py"),
            "from app.devices import needs_new_consent\n\n\ndef test_a_new_device_asks_again():\n    assert needs_new_consent({\"a\"}, \"b\")\n",
        ),
    ]
}

pub(super) fn replica_edits() -> Vec<Edit> {
    vec![write("services/score-api/deploy/values-production.yaml", values(3, Some(600)))]
}

/// Another way out of the cluster for a service, and the code that takes it.
pub(crate) fn network_edits(service: &str) -> Vec<Edit> {
    let root = format!("services/{service}");
    vec![
        write(
            format!("{root}/deploy/templates/network-policy.yaml"),
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {{ .Release.Name }}-mail\nspec:\n  podSelector:\n    matchLabels: { app: APP }\n  policyTypes: [Egress]\n  egress:\n    - to: [{ namespaceSelector: { matchLabels: { name: altscore-mail } } }]\n      ports: [{ port: 587 }]\n"
                .replace("APP", service),
        ),
        write(
            format!("{root}/app/mail.py"),
            "import smtplib\n\n\ndef send(host: str, message: str) -> None:\n    with smtplib.SMTP(host, 587) as relay:\n        relay.starttls()\n        relay.sendmail(\"no-reply@altscore.example\", [], message)\n",
        ),
    ]
}

/// The three commits of the demo's run: six files in all, with a migration and production's values among them.
pub(super) fn rate_limit_edits() -> [Vec<Edit>; 3] {
    let root = "services/score-api";
    [
        vec![
            write(
                format!("{root}/app/rate_limit.py"),
                "from app.config import Settings\nfrom app.lenders import Lender\n\n\ndef allowed(lender: Lender, used: int, settings: Settings) -> bool:\n    \"\"\"Whether one more request of this lender may pass, whatever key it used.\"\"\"\n    limit = lender.requests_per_minute or settings.lender_requests_per_minute\n    return used < limit\n",
            ),
            write(
                format!("{root}/tests/test_rate_limit.py"),
                "from app.config import Settings\nfrom app.lenders import Lender\nfrom app.rate_limit import allowed\n\n\ndef test_a_lender_is_counted_across_its_keys():\n    lender = Lender(id=\"l-1\", name=\"Kaveri Finance\")\n    assert allowed(lender, 119, Settings())\n    assert not allowed(lender, 120, Settings())\n",
            ),
        ],
        vec![
            write(
                format!("{root}/app/lenders.py"),
                "from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Lender:\n    id: str\n    name: str\n    sandbox: bool = False\n    requests_per_minute: int | None = None\n",
            ),
            write(
                format!("{root}/migrations/0003_lender_rate_limit.sql"),
                "alter table lenders add column requests_per_minute integer check (requests_per_minute > 0);\n",
            ),
        ],
        vec![
            write(format!("{root}/app/config.py"), config(120)),
            write(format!("{root}/deploy/values-production.yaml"), values(3, Some(120))),
        ],
    ]
}
