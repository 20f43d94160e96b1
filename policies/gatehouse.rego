# Who must sign a promotion to production?
#
# Gatehouse evaluates `result` for every promotion, and again before it lets one through. The classes are the rules of
# AltScore's deployment architecture; put your own policy into a directory and name it in gatehouse.toml:
#
#     [policy]
#     directory = "policies"
#
# A policy can ask for more than Gatehouse itself demands, never for less. Two engineers are always asked. Where Gatehouse
# cannot tell all that changes (a submodule, a tree that GitHub cuts short), or where this file does not compile, loops or
# answers in another shape, everybody is asked.
#
# input   {"schema": "gatehouse.policy.input/v2",
#          "service", "environment", "repository" ("owner/name"), "workflow", "owner_team",
#          "config_path", "migrations_path": text,
#          "production": whether people depend on the environment,
#          "complete": whether `paths` is known to hold everything,
#          "paths": every path that differs from what production runs; a renamed file under both of its names,
#          "classes": {each class of classes.json: [those of `paths` that its globs match]},
#          "evidence": {"image": "sha256:…" or absent, "tagged_by_commit": bool, "account", "region": of the registry,
#                       "checks": [{"name", "result"}]: the jobs of the run's own attempt,
#                       "reports": [{"check", "result": passed | failed | missing | unreadable, "image"?, "ids"?,
#                                    "measure"?, "said": the same in a few words}]},
#          "personal": those of `paths` that touch personal data, or of which nobody can tell: Gatehouse reads migrations,
#                      dbt, schemas and pipelines, with the words of personal-data.json}
# result  {"schema": "gatehouse.policy.result/v2",
#          "asks": [{"rule": why, in a few words, "role": engineer | security | dpo | guardrail | oncall,
#                    "seats": how many signatures, "paths": [those of the input's that the rule is about]}],
#          "freezes": [{"because": text, "from": RFC 3339, "until": RFC 3339}],
#          "wants": [{"check": what it is about, each once, "rule": what must be so, "emergency_may_skip": bool,
#                     "unmet": why it is not, one sentence with its remedy; absent when it is,
#                     "fresh_hours": for how long the proof is good; absent: for ever}]}
#
# Every "unmet" keeps the gate shut. There is no clock: freezes and hours are said, and the database's time decides. Test with `gatehouse policy test`.
package gatehouse.promotion

# Without classes.json nothing could be told apart: then there is no answer, and the gate stays shut.
result := {"schema": "gatehouse.policy.result/v2", "asks": asks, "freezes": freezes, "wants": wants} if count(data.classes) > 0

asks contains {"rule": "any production change", "role": "engineer", "seats": 2, "paths": []}

asks contains {"rule": class.rule, "role": role, "seats": 1, "paths": touched} if {
	some name, class in data.classes
	touched := belonging(name, class)
	count(touched) > 0
	some role in class.roles
}

# By what is in the files, wherever they are: a migration that adds a phone number is the DPO's, one that adds an index
# is not, and one that nobody can read is.
asks contains {"rule": "personal data", "role": "dpo", "seats": 1, "paths": touched} if {
	touched := {path | some path in input.personal}
	count(touched) > 0
}

# What each class of files is stands in classes.json, and who must sign for it. Whatever changes in one of a class's own
# repositories belongs to it.
belonging(_, class) := {path | some path in input.paths} if is_home(class)

belonging(name, class) := {path | some path in input.classes[name]} if not is_home(class)

is_home(class) if lower(input.repository) in class.repositories

# Windows in which nothing goes out, from freezes.json; one without services is for all of them.
freezes contains {"because": window.because, "from": window.from, "until": window.until} if {
	some window in data.freezes
	window.environment == input.environment
	holds_for(window)
}

holds_for(window) if not window.services

holds_for(window) if input.service in window.services

# What must be proved.
wants := set()
