//! The one page: who do you want to be? A plain form that works without JavaScript, in both themes.

use crate::world::Person;

const STYLE: &str = "
:root{--bg:#fbfbfa;--panel:#fff;--line:#e4e3df;--ink:#1c1d1f;--ink2:#55585e;--ink3:#6f737a;--accent:#2b50c8;--soft:#f4f4f2}
@media (prefers-color-scheme:dark){:root{--bg:#111214;--panel:#17181b;--line:#2a2c30;--ink:#ececea;--ink2:#a9adb4;--ink3:#8d929a;--accent:#7d9bff;--soft:#1d1f22}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;background:var(--bg);color:var(--ink);font:14px/1.45 Inter,system-ui,sans-serif}
main{width:min(560px,100%)}
p.idp{margin:0 0 6px;color:var(--ink3);font-size:12.5px}
h1{margin:0 0 4px;font-size:20px;letter-spacing:-.015em;font-weight:640}
p.sub{margin:0 0 18px;color:var(--ink2)}
ul{list-style:none;margin:0;padding:0;border:1px solid var(--line);border-radius:8px;background:var(--panel);overflow:hidden}
li+li{border-top:1px solid var(--line)}
button{all:unset;box-sizing:border-box;display:grid;grid-template-columns:1fr auto;gap:2px 16px;align-items:baseline;width:100%;padding:10px 14px;cursor:pointer}
button:hover{background:var(--soft)}
button:focus-visible{outline:2px solid var(--accent);outline-offset:-2px;background:var(--soft)}
b{font-weight:600}
.what{color:var(--ink2);text-align:right}
.groups{grid-column:1/-1;color:var(--ink3);font:12px ui-monospace,Menlo,monospace;overflow-wrap:anywhere}
p.foot{margin:14px 0 0;color:var(--ink3);font-size:12.5px}
";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\"><title>{title}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
}

/// Everybody there is, each a button whose accessible name is exactly the person's name.
pub(super) fn choose(request: &str, people: &[Person]) -> String {
    let row = |person: &Person| {
        let sub = escape(&person.sub);
        let number = person.employee.as_deref().unwrap_or("no employee number");
        let groups =
            person.groups.iter().map(|group| group.trim_start_matches("altscore-")).collect::<Vec<_>>().join(" · ");
        format!(
            "<li><button name=\"sub\" value=\"{sub}\" aria-label=\"{name}\" aria-describedby=\"about-{sub}\"><b>{name}</b><span class=\"what\" id=\"about-{sub}\">{title}</span>\
             <span class=\"groups\">{number} · {groups}</span></button></li>",
            name = escape(&person.name),
            title = escape(&person.title),
            number = escape(number),
            groups = escape(&groups),
        )
    };
    let rows: String = people.iter().map(row).collect();
    let body = format!(
        "<p class=\"idp\">AltScore identity provider (simulated)</p><h1>Who do you want to be?</h1>\
         <p class=\"sub\">Gatehouse asks who you are. There are no passwords here.</p>\
         <form method=\"post\" action=\"/authorize/choose\"><input type=\"hidden\" name=\"request\" value=\"{}\"><ul>{rows}</ul></form>\
         <p class=\"foot\">These people exist only in the twin, the simulated outside world.</p>",
        escape(request)
    );
    document("Who do you want to be?", &body)
}

/// A request that cannot be answered to the client, because it cannot be trusted to have come from it.
pub(super) fn refused(reason: &str) -> String {
    document(
        "Sign-in refused",
        &format!(
            "<p class=\"idp\">AltScore identity provider (simulated)</p><h1>This sign-in cannot go on</h1><p class=\"sub\">{}</p>",
            escape(reason)
        ),
    )
}

/// Signed out, with nowhere to go back to.
pub(super) fn signed_out() -> String {
    document("Signed out", "<p class=\"idp\">AltScore identity provider (simulated)</p><h1>You are signed out</h1>")
}
