use crate::samples::*;
use crate::shell::theme::Theme;
use crate::shell::view::*;
use crate::ui::live::Progress;
use chrono::Duration;
use gatehouse_domain::problem::Problem;
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

fn page(name: &str, here: &'static str, signed_in: bool, body: impl FnOnce() -> AnyView + 'static) {
    let shell = shell();
    for theme in ["light", "dark"] {
        let _ = theme;
    }
    let inner = html(move || {
        let me = shell.me.clone().filter(|_| signed_in);
        view! {
            <div class="frame">
                <nav class="side" aria-label="Main">{logo()}{signed_in.then(|| view!{ {nav_links(&shell, here)} {nav_foot(&shell)} })}</nav>
                <div class="main">
                    <div class="bar">
                        {demo_banner(shell.demo.as_deref().unwrap_or_default())}
                        <header class="top">
                            <nav class="top-trail">{trail(here)}</nav>
                            <ThemeChoice chosen=RwSignal::new(Theme::System) />
                            {me.as_ref().map(account)}
                        </header>
                    </div>
                    <main id="page" class="page">{body()}</main>
                </div>
            </div>
        }
    });
    for theme in ["light", "dark"] {
        let doc = format!(
            "<!DOCTYPE html><html lang=en data-theme={theme} data-alive=true><meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'><link rel=stylesheet href=main.css><body>{inner}</body></html>"
        );
        std::fs::write(format!("/tmp/preview/{name}-{theme}.html"), doc).unwrap();
    }
}

#[test]
fn preview() {
    std::fs::create_dir_all("/tmp/preview").unwrap();
    page("home", "/", true, || {
        let view = crate::home::shape::HomeView {
            needs_you: vec![
                row(),
                crate::changes::shape::ChangeRow {
                    number: "CHG-2026-000003".into(),
                    service: "data-pipelines".into(),
                    title: "New gold table retailer_repayment_90d, built nightly from repayments already in silver"
                        .into(),
                    your_seat: Some("Engineer 1".into()),
                    opened_at: before(Duration::minutes(14)),
                    ..row()
                },
            ],
            waiting: vec![crate::changes::shape::ChangeRow {
                number: "CHG-2026-000002".into(),
                your_seat: None,
                service: "consent-service".into(),
                title: HOSTILE.into(),
                ..row()
            }],
            recent: vec![
                ended(
                    "CHG-2026-000001",
                    "erp-ingestion",
                    "Retry the ledger import twice",
                    "Released",
                    Tone::Ok,
                    Duration::minutes(64),
                ),
                ended(
                    "CHG-2025-000999",
                    "score-api",
                    "Widen the score window",
                    "Closed",
                    Tone::Bad,
                    Duration::hours(30),
                ),
                ended(
                    "CHG-2025-000998",
                    "score-api",
                    "Widen the score window",
                    "Superseded",
                    Tone::Neutral,
                    Duration::hours(31),
                ),
                crate::changes::shape::ChangeRow {
                    ended_at: None,
                    ..ended(
                        "CHG-2025-000997",
                        "score-api",
                        "Widen",
                        "Answering GitHub",
                        Tone::Running,
                        Duration::hours(31),
                    )
                },
                ended(
                    "CHG-2025-000996",
                    "score-api",
                    "Widen the score window",
                    "Unknown",
                    Tone::Unknown,
                    Duration::hours(31),
                ),
            ],
            as_of: as_of(),
        };
        crate::home::view::home(&view).into_any()
    });
    page("home-empty", "/", true, || {
        crate::home::view::home(&crate::home::shape::HomeView {
            needs_you: vec![],
            waiting: vec![],
            recent: vec![],
            as_of: as_of(),
        })
        .into_any()
    });
    let panel = || crate::changes::panel::Panel::new(Callback::new(|()| ()));
    page("change", "/changes/CHG-2026-000004", true, move || {
        crate::changes::view::change(&change(), panel()).into_any()
    });
    page("change-author", "/changes/CHG-2026-000004", true, move || {
        let p = panel();
        p.preview(Progress::Refused(Problem {
            code: "x".into(),
            title: "The change is not what it was when you began: read it again, then sign.".into(),
            status: 409,
            reasons: vec![],
            request_id: "01JD2X".into(),
        }));
        crate::changes::view::change(&change_of_author(), p).into_any()
    });
    page("change-touch", "/changes/CHG-2026-000004", true, move || {
        let p = panel();
        p.preview(Progress::Busy("Touch your key…"));
        crate::changes::view::change(&change(), p).into_any()
    });
    page("change-over", "/changes/CHG-2026-000004", true, move || {
        let mut v = change();
        v.row = ended("CHG-2026-000004", "score-api", HOSTILE, "Released", Tone::Ok, Duration::minutes(5));
        v.gate.is_open = true;
        v.gate.reasons.clear();
        v.files_complete = false;
        let over = refused(&[("change_not_held", "This change is no longer held: it is released.")]);
        v.actions = crate::changes::shape::Actions {
            approve: over.clone(),
            reject: over.clone(),
            withdraw: over.clone(),
            close: over,
        };
        crate::changes::view::change(&v, panel()).into_any()
    });
    page("changes", "/changes", true, || {
        let page = crate::changes::shape::ChangePage {
            rows: vec![
                row(),
                row(),
                ended(
                    "CHG-2025-000999",
                    "score-api",
                    "Widen the score window",
                    "Closed",
                    Tone::Bad,
                    Duration::hours(30),
                ),
            ],
            next: Some("x".into()),
            services: vec!["score-api".into(), "consent-service".into()],
            as_of: as_of(),
        };
        crate::changes::list::list(
            &page,
            &crate::changes::shape::ChangeFilter { state: Some("held".into()), ..Default::default() },
        )
        .into_any()
    });
    page("keys", "/keys", true, || {
        let k = crate::people::view::Keys {
            name: RwSignal::new(String::new()),
            founder_code: RwSignal::new(String::new()),
            progress: RwSignal::new(Progress::Done("The key is enrolled.".into())),
            act: Callback::new(|_| ()),
        };
        crate::people::view::keys(&keys(), k).into_any()
    });
    page("audit", "/audit", true, || {
        crate::audit::view::audit(&audit(), &crate::audit::shape::AuditFilter::default()).into_any()
    });
    page("signin", "/signin", false, || crate::shell::signin::sign_in("/").into_any());
    page("problem", "/changes/x", true, || {
        crate::ui::problem::problem(Problem {
            code: "x".into(),
            title: "Gatehouse's database does not answer; nothing can be decided until it does.".into(),
            status: 503,
            reasons: vec![reason("a", "The source database is unavailable.")],
            request_id: "01JD2X7M3K".into(),
        })
        .into_any()
    });
}
