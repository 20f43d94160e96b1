//! ATK-09: somebody else's name, somebody else's page, something else on the screen.

use crate::testing::{Browser, ORIGIN, TestPortal, read};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use gatehouse_domain::audit::Actor;
use serde_json::json;
use twin::{Edit, MergedPr, PushRun};

/// Headers by which other programs let somebody act as somebody else.
const AS_ASHA: [(&str, &str); 9] = [
    ("impersonate-user", "E-1001"),
    ("x-impersonate-user", "E-1001"),
    ("x-view-as", "E-1001"),
    ("x-remote-user", "E-1001"),
    ("x-forwarded-user", "asha.rao@altscore.example"),
    ("x-auth-request-user", "u-1001"),
    ("x-forwarded-email", "asha.rao@altscore.example"),
    ("x-person", "E-1001"),
    ("remote-user", "asha"),
];

#[tokio::test(flavor = "multi_thread")]
async fn atk_09_acting_as_somebody_else_by_header_or_parameter() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let rohan = portal.signer("E-1002").await;
    let shown = rohan.change(&held.number).await.subject_digest;
    let request = json!({"number": held.number, "decision": "approve", "comment": "", "subject_digest": shown});
    let body = json!({ "request": request }).to_string();
    for cookie in [Some(rohan.cookies()), None] {
        for path in ["/api/ui/begin_decision", "/api/ui/begin_decision?as=E-1001&person=E-1001&view_as=E-1001"] {
            let watch = portal.watch().await;
            let mut asked = Request::post(path).header("origin", ORIGIN).header("content-type", "application/json");
            for (name, value) in AS_ASHA {
                asked = asked.header(name, value);
            }
            if let Some(cookie) = &cookie {
                asked = asked.header("cookie", format!("{cookie}; person=E-1001; view_as=E-1001"));
            }
            let (status, told) = read(portal.send(asked.body(Body::from(body.clone())).unwrap()).await).await;
            if cookie.is_some() {
                assert_eq!((status, told["code"].as_str()), (StatusCode::FORBIDDEN, Some("contributed")));
                watch.saw_one_refusal("contributed").await;
                let last = portal.entries().await.pop().unwrap();
                assert_eq!(last.actor, Actor::Person { id: "E-1002".parse().unwrap() }, "said in another's name");
            } else {
                assert_eq!((status, told["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("not_signed_in")));
                watch.saw_nothing().await;
            }
        }
    }
    assert_eq!(portal.counted().await, [("changes.decide".to_owned(), "not_signed_in".to_owned(), 2)]);
}

/// Every server function there is, asked with the victim's cookies from another site, in every way a page can.
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_another_site_posts_with_the_victims_cookies() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let mut paths: Vec<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    paths.push("/auth/logout".to_owned());
    paths.sort();
    paths.dedup();
    assert!(paths.len() >= 14, "{paths:?}");
    let body = json!({"request": {"number": held.number, "decision": "close", "comment": "x", "subject_digest": ""}})
        .to_string();
    let watch = portal.watch().await;
    let mut sent = 0;
    for path in &paths {
        for (kind, from) in [
            ("application/json", vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]),
            ("application/x-www-form-urlencoded", vec![("origin", "null"), ("sec-fetch-site", "cross-site")]),
            ("text/plain", vec![("origin", "http://localhost:8081"), ("sec-fetch-site", "same-site")]),
            ("multipart/form-data; boundary=x", vec![]),
        ] {
            let mut asked = Request::post(path).header("cookie", asha.cookies()).header("content-type", kind);
            for (name, value) in from {
                asked = asked.header(name, value);
            }
            let (status, told) = read(portal.send(asked.body(Body::from(body.clone())).unwrap()).await).await;
            assert_eq!((status, told["code"].as_str()), (StatusCode::FORBIDDEN, Some("cross_site_request")), "{path}");
            sent += 1;
        }
        // A picture, a script, a frame or a fetch of another site reads nothing either.
        for (mode, dest) in [("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("cors", "empty")] {
            let asked = Request::get(path)
                .header("cookie", asha.cookies())
                .header("sec-fetch-site", "cross-site")
                .header("sec-fetch-mode", mode)
                .header("sec-fetch-dest", dest);
            let (status, told) = read(portal.send(asked.body(Body::empty()).unwrap()).await).await;
            assert_eq!((status, told["code"].as_str()), (StatusCode::FORBIDDEN, Some("cross_site_request")), "{path}");
            sent += 1;
        }
    }
    watch.saw_nothing().await;
    assert_eq!(portal.counted().await, [("request".to_owned(), "cross_site_request".to_owned(), sent)]);
    assert_eq!(asha.get("/api/ui/home").await.0, StatusCode::OK, "and the session is still there");
}

async fn page(browser: &Browser<'_>, portal: &TestPortal, path: &str) -> (axum::http::HeaderMap, String) {
    let asked = Request::get(path).header("cookie", browser.cookies()).header("accept", "text/html");
    let response = portal.send(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 10_000_000).await.unwrap();
    (parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn atk_09_no_page_can_be_put_into_a_frame() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let change = format!("/changes/{}", held.number);
    for path in ["/", "/changes", &change, "/keys", "/audit", "/signin"] {
        let (headers, _) = page(&asha, &portal, path).await;
        let csp = headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("frame-ancestors 'none'") && csp.contains("form-action 'self'"), "{path}: {csp}");
        assert!(!csp.contains("unsafe-inline") && csp.starts_with("default-src 'none'"), "{path}: {csp}");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin", "{path}");
    }
    let framed = Request::get(&change)
        .header("cookie", asha.cookies())
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "iframe");
    assert_eq!(portal.send(framed.body(Body::empty()).unwrap()).await.status(), StatusCode::FORBIDDEN);
}

const HOSTILE: &str = "Fix \u{202e}lortnoc\u{202c} <script>alert(1)</script><b onclick=x>&\u{200b}\u{7}";

/// Titles, authors and paths of a pull request that wants to look like another one.
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_a_page_says_what_is_there_whatever_it_is_called() {
    let portal = TestPortal::start().await;
    let mut push = PushRun::of("score-api", "rohandas");
    push.title = HOSTILE.to_owned();
    push.co_authors = vec!["Asha\u{202e} <script>x</script> <asha@nowhere.example>".to_owned()];
    push.edits =
        vec![Edit::Write("services/score-api/app/\u{202e}yp.niam\u{202c}<img src=x>.py".to_owned(), "x\n".to_owned())];
    push.merged_pr = Some(MergedPr {
        title: HOSTILE.to_owned(),
        by: "rohandas".to_owned(),
        merged_by: "viyer".to_owned(),
        pushed_by: None,
    });
    let held = portal.held_by(&push).await;
    let asha = portal.signer("E-1001").await;
    for path in ["/", "/changes", &format!("/changes/{}", held.number), "/audit"] {
        let (_, html) = page(&asha, &portal, path).await;
        let hidden: Vec<char> =
            html.chars().filter(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{7}')).collect();
        assert!(hidden.is_empty(), "{path} hides {hidden:?}");
        assert!(
            !html.contains("<script>alert") && !html.contains("<b onclick") && !html.contains("<img src=x"),
            "{path}"
        );
        if path.starts_with("/changes/") {
            for visible in ["⟨U+202E⟩lortnoc", "&lt;script&gt;alert(1)", "⟨U+202E⟩yp.niam", "&lt;img src=x&gt;"]
            {
                assert!(html.contains(visible), "{visible} is not on the page");
            }
        }
    }
}

/// What somebody writes beside a signature stands in the log for ever; it may not lie there.
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_a_comment_that_reads_backwards_is_not_signed() {
    let portal = TestPortal::start().await;
    let held = portal.held("score-api", "rohandas").await;
    let asha = portal.signer("E-1001").await;
    let shown = asha.change(&held.number).await.subject_digest;
    for comment in ["looks \u{202e}doog", "zero\u{200b}width", "bell\u{7}", &"x".repeat(2001), "e\u{301}"] {
        let watch = portal.watch().await;
        let request =
            json!({"number": held.number, "decision": "approve", "comment": comment, "subject_digest": shown});
        let refused = asha.call("begin_decision", json!({ "request": request })).await.unwrap_err();
        assert_eq!(refused.code, "text_refused", "{comment:?}");
        watch.saw_one_refusal("text_refused").await;
    }
}

/// Ten thousand lines in one file among hundreds: the page counts all of them, and says when GitHub did not list all.
#[tokio::test(flavor = "multi_thread")]
async fn atk_09_a_file_that_hides_among_hundreds() {
    let portal = TestPortal::start().await;
    let file = |n: usize, lines: usize| {
        Edit::Write(format!("services/score-api/app/generated/{n:03}.py"), "x = 1\n".repeat(lines))
    };
    let mut push = PushRun::of("score-api", "rohandas");
    push.edits = (0..40).map(|n| file(n, if n == 33 { 10_000 } else { 1 })).collect();
    let held = portal.held_by(&push).await;
    let asha = portal.signer("E-1001").await;
    let path = format!("/changes/{}", held.number);
    let (_, html) = page(&asha, &portal, &path).await;
    assert!(html.contains("40 files") && html.contains("and 28 more files"), "the rest is not said");
    assert!(html.contains("033.py") && html.contains("+10000"), "the long one is not there");
    assert!(!html.contains("more files than GitHub listed"));
    push.edits = (100..420).map(|n| file(n, 1)).collect();
    let held = portal.held_by(&push).await;
    let (_, html) = page(&asha, &portal, &format!("/changes/{}", held.number)).await;
    assert!(html.contains("There are more files than GitHub listed."));
    assert!(!asha.change(&held.number).await.files_complete);
    // Nor is it hidden from whoever only looks at the list.
    let row = asha.change(&held.number).await.row;
    assert!(row.size.ends_with("or more"), "{}", row.size);
    let (status, _) = read(asha.request(Method::GET, &path, None).await).await;
    assert_eq!(status, StatusCode::OK);
}
