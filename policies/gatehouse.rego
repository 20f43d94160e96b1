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
#          "classes": {each class of classes.json: [those of `paths` that its globs match, or whose values its keys do]},
#          "values": {each of `paths` that a class looks into: [every key, in lower case, under which something differs],
#                     or null where nobody can tell}; absent where there is none,
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
#                     "fresh_hours": for how long the proof is good; absent: for ever,
#                     "by_person": true for "rollback-plan" alone: an engineer or whoever is on call confirms it}]}
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

# What must be proved before anything goes out: what must be so, what is said where it is not, and what to do about it.
# `job` names the job or "job / step" that must have succeeded in this very attempt; skipped or neutral is not succeeded.
needed := {
	"commit": {
		"want": {"rule": "The commit stage is green", "emergency_may_skip": false},
		"unmet": "The commit stage is not green", "job": "commit", "remedy": again,
	},
	"build": {
		"want": {"rule": "The build stage is green", "emergency_may_skip": false},
		"unmet": "The build stage is not green", "job": "build", "remedy": again,
	},
	"staging": {
		"want": {"rule": "Staging ran this very image and is green", "emergency_may_skip": true},
		"unmet": "Staging is not green for this image", "job": "staging", "remedy": again,
	},
	"smoke": {
		"want": {"rule": "Smoke tests passed in staging", "emergency_may_skip": true},
		"unmet": "Smoke tests have not passed", "job": "staging / smoke", "remedy": again,
	},
	"integration": {
		"want": {"rule": "Integration tests passed in staging", "emergency_may_skip": true},
		"unmet": "Integration tests have not passed", "job": "staging / integration", "remedy": again,
	},
	"load-test": {
		"want": {"rule": "Staging bore 50 lenders at once", "emergency_may_skip": true},
		"unmet": "The load test of 50 lenders has not passed", "job": "staging / load-test", "remedy": again,
	},
	"trivy": {
		"want": {"rule": "Trivy finds nothing CRITICAL or HIGH in this image", "emergency_may_skip": false, "fresh_hours": 24},
		"unmet": "Trivy has not cleared this image", "job": "build / trivy", "remedy": mend,
	},
	"registry-scan": {
		"want": {"rule": "The registry's own scan finds nothing CRITICAL or HIGH", "emergency_may_skip": false},
		"unmet": "The registry's scan has not cleared this image", "job": "", "remedy": mend,
	},
	"coverage": {
		"want": {"rule": "Tests run at least 80 % of the lines", "emergency_may_skip": false},
		"unmet": "Coverage of 80 % is not shown", "job": "", "remedy": "Add tests and push again",
	},
	"bandit": {
		"want": {"rule": "Bandit finds nothing", "emergency_may_skip": false},
		"unmet": "Bandit has not passed", "job": "", "remedy": mend,
	},
	"semgrep": {
		"want": {"rule": "Semgrep finds nothing", "emergency_may_skip": false},
		"unmet": "Semgrep has not passed", "job": "", "remedy": mend,
	},
	"pip-audit": {
		"want": {"rule": "pip-audit finds nothing", "emergency_may_skip": false},
		"unmet": "pip-audit has not passed", "job": "", "remedy": mend,
	},
	"image-tag": {
		"want": {"rule": "The image is tagged with its commit", "emergency_may_skip": false},
		"unmet": "No image is tagged with this commit", "job": "", "remedy": "Push it under the commit's SHA",
	},
	"registry": {
		"want": {"rule": "The image lies in AltScore's registry in Mumbai", "emergency_may_skip": false},
		"unmet": "The image lies in another account or region", "job": "", "remedy": "Push it to the registry in ap-south-1",
	},
}

# Met by a person's word, of whom a policy is not told: Gatehouse looks when it decides. No emergency goes without.
wants contains {"check": "rollback-plan", "rule": "The rollback plan is confirmed", "emergency_may_skip": false, "by_person": true}

again := "Start all jobs of the run again"

mend := "Mend what it found, or let it look, and push again"

# Whose registry, and where: personal data and what handles it stay in India.
registries := {"210987654321"}

regions := {"ap-south-1"}

wants contains object.union(need.want, {"check": check}) if {
	some check, need in needed
	check in met
}

wants contains object.union(need.want, {"check": check, "unmet": why(check, need)}) if {
	some check, need in needed
	not check in met
}

met contains "commit" if succeeded("commit")

met contains "build" if succeeded("build")

met contains "staging" if {
	succeeded("staging")
	clears("staging")
}

met contains "smoke" if succeeded("staging / smoke")

met contains "integration" if succeeded("staging / integration")

met contains "load-test" if {
	succeeded("staging / load-test")
	some report in input.evidence.reports
	report.check == "load-test"
	report.result == "passed"
	report.measure >= 50
}

met contains check if {
	some check in {"trivy", "registry-scan"}
	clears(check)
}

met contains "coverage" if {
	some report in input.evidence.reports
	report.check == "coverage"
	report.result == "passed"
	report.measure >= 80
}

met contains check if {
	some check in {"bandit", "semgrep", "pip-audit"}
	some report in input.evidence.reports
	report.check == check
	report.result == "passed"
}

met contains "image-tag" if input.evidence.tagged_by_commit == true

met contains "registry" if {
	input.evidence.account in registries
	input.evidence.region in regions
}

# Every job of this name: one that failed is not made good by another of the same name.
succeeded(name) if {result | some check in input.evidence.checks; check.name == name; result := check.result} == {"success"}

# A report about exactly the image that would be released.
clears(check) if {
	some report in input.evidence.reports
	report.check == check
	report.result == "passed"
	report.image == input.evidence.image
}

why(check, need) := sprintf("%s: %s. %s.", [need.unmet, concat("; ", found(check, need)), need.remedy])

found(check, need) := words if {
	words := array.concat(array.concat(of_another(check), of_reports(check)), of_jobs(need.job))
	count(words) > 0
} else := ["nothing is known of it"]

of_another(check) := ["it is about another image" |
	some report in input.evidence.reports
	report.check == check
	report.image != input.evidence.image
]

of_reports(check) := [report.said |
	some report in input.evidence.reports
	report.check == check
]

of_jobs(name) := array.concat(
	[sprintf("%s is %s", [name, check.result]) | some check in input.evidence.checks; check.name == name; check.result != "success"],
	[sprintf("the run has no %s", [name]) | name != ""; not named(name)],
)

named(name) if {
	some check in input.evidence.checks
	check.name == name
}
