# `gatehouse policy test`: every rule named `test_…` must be true.
package gatehouse.promotion_test

import data.gatehouse.promotion

of(paths) := {
	"schema": "gatehouse.policy.input/v2",
	"service": "score-api",
	"environment": "production",
	"repository": "altscore/services",
	"paths": paths,
}

roles(given) := {ask.role | some ask in asks} if asks := promotion.result.asks with input as given

test_code_alone_asks_two_engineers if {
	promotion.result.asks == {{"rule": "any production change", "role": "engineer", "seats": 2, "paths": []}} with input as of(["services/score-api/app/main.py"])
}

test_nothing_changed_asks_two_engineers_too if roles(of([])) == {"engineer"}

# Which files are in which class is tested in classes.json, by its examples.
in_class(name, path) := object.union(of([path, "app/main.py"]), {"classes": {name: [path]}})

test_infrastructure_asks_security if roles(in_class("infrastructure", "main.tf")) == {"engineer", "security"}

test_data_pipelines_ask_the_dpo if roles(in_class("data_pipeline", "dags/x.py")) == {"engineer", "dpo"}

test_models_and_guardrails_ask_the_committee if roles(in_class("model", "x.onnx")) == {"engineer", "guardrail"}

test_personal_data_asks_the_dpo_wherever_it_is if {
	path := "services/score-api/migrations/0004_pan.sql"
	given := object.union(of([path, "services/score-api/app/main.py"]), {"personal": [path]})
	roles(given) == {"engineer", "dpo"}
	found := promotion.result.asks with input as given
	some ask in found
	ask.rule == "personal data"
	ask.paths == {path}
}

test_a_migration_that_touches_nobody_asks_two_engineers if {
	roles(object.union(of(["services/score-api/migrations/0005_index.sql"]), {"personal": []})) == {"engineer"}
}

test_a_workflow_asks_everybody if {
	roles(in_class("pipeline_itself", ".github/workflows/x.yml")) == {"engineer", "security", "dpo", "guardrail"}
}

test_several_classes_ask_all_of_theirs if {
	classes := {"infrastructure": ["a.tf"], "data_pipeline": ["dags/x.py"], "model": []}
	roles(object.union(of(["a.tf", "dags/x.py", "app/main.py"]), {"classes": classes})) == {"engineer", "security", "dpo"}
}

test_whatever_is_in_the_platforms_repository_is_infrastructure if {
	given := object.union(of(["README.md"]), {"repository": "altscore/platform"})
	roles(given) == {"engineer", "security"}
}

test_each_rule_names_its_paths if {
	given := object.union(of(["b.tf", "a.tf", "app/main.py"]), {"classes": {"infrastructure": ["a.tf", "b.tf"]}})
	asks := promotion.result.asks with input as given
	found := {ask.rule: ask.paths | some ask in asks}
	found.infrastructure == {"a.tf", "b.tf"}
}

window := {"environment": "production", "because": "Diwali", "from": "2026-11-06T18:30:00Z", "until": "2026-11-09T18:30:00Z"}

test_a_freeze_is_said_for_its_environment if {
	said := promotion.result.freezes with input as of([]) with data.freezes as [window]
	said == {object.remove(window, ["environment"])}
}

test_a_freeze_of_another_environment_or_service_is_not if {
	said := promotion.result.freezes with input as of([]) with data.freezes as [
		object.union(window, {"environment": "staging"}),
		object.union(window, {"services": ["consent-service"]}),
	]
	said == set()
}

image := "sha256:9b"

green := {
	"image": image, "tagged_by_commit": true, "account": "210987654321", "region": "ap-south-1",
	"checks": [{"name": name, "result": "success"} |
		some name in ["commit", "build", "build / trivy", "staging", "staging / smoke", "staging / integration", "staging / load-test"]
	],
	"reports": [
		{"check": "staging", "result": "passed", "image": image, "said": "it ran sha256:9b"},
		{"check": "load-test", "result": "passed", "measure": 50, "said": "50 users at once"},
		{"check": "trivy", "result": "passed", "image": image, "said": "it found nothing that counts"},
		{"check": "registry-scan", "result": "passed", "image": image, "said": "it found nothing that counts"},
		{"check": "coverage", "result": "passed", "measure": 80, "said": "80 of 100 lines, 80 %"},
		{"check": "bandit", "result": "passed", "said": "it found nothing that counts"},
		{"check": "semgrep", "result": "passed", "said": "it found nothing that counts"},
		{"check": "pip-audit", "result": "passed", "said": "it found nothing that counts"},
	],
}

# What is missing, each with its sentence.
unmet(evidence) := {want.check: want.unmet | some want in wants; want.unmet} if {
	wants := promotion.result.wants with input as object.union(of([]), {"evidence": evidence})
}

# The same evidence with other members in one report, or without the report.
reporting(check, other) := object.union(green, {"reports": [report |
	some known in green.reports
	report := {true: object.union(known, other), false: known}[known.check == check]
]})

without(check) := object.union(green, {"reports": [report | some report in green.reports; report.check != check]})

concluding(name, result) := object.union(green, {"checks": [check |
	some known in green.checks
	check := {true: {"name": name, "result": result}, false: known}[known.name == name]
]})

unnamed(name) := object.union(green, {"checks": [check | some check in green.checks; check.name != name]})

test_all_that_must_be_is_proved if unmet(green) == {}

test_everything_is_wanted_where_nothing_is_known if {
	count(unmet({})) == 14
	every sentence in unmet({}) { contains(sentence, ".") }
}

test_an_emergency_may_skip_staging_and_nothing_else if {
	wants := promotion.result.wants with input as object.union(of([]), {"evidence": green})
	{want.check | some want in wants; want.emergency_may_skip} == {"staging", "smoke", "integration", "load-test"}
}

test_only_a_scan_grows_old if {
	wants := promotion.result.wants with input as object.union(of([]), {"evidence": green})
	{want.check: want.fresh_hours | some want in wants; want.fresh_hours} == {"trivy": 24}
}

jobs := {"commit": "commit", "build": "build", "staging": "staging", "staging / smoke": "smoke", "staging / integration": "integration", "staging / load-test": "load-test"}

test_a_job_that_did_not_succeed_proves_nothing if {
	every job, want in jobs {
		every result in ["failure", "skipped", "neutral", "cancelled", "timed_out", "unfinished", "unconfirmed", "stale"] {
			object.keys(unmet(concluding(job, result))) == {want}
			contains(unmet(concluding(job, result))[want], result)
		}
	}
}

test_a_job_that_was_renamed_or_is_not_there_proves_nothing if {
	every job, want in jobs {
		object.keys(unmet(unnamed(job))) == {want}
		contains(unmet(unnamed(job))[want], "the run has no")
	}
}

test_one_green_job_of_a_name_does_not_make_another_good if {
	twice := object.union(green, {"checks": array.concat(green.checks, [{"name": "staging", "result": "failure"}])})
	object.keys(unmet(twice)) == {"staging"}
}

reports := {"staging", "load-test", "trivy", "registry-scan", "coverage", "bandit", "semgrep", "pip-audit"}

test_a_report_that_fails_or_cannot_be_read_or_is_not_there_proves_nothing if {
	every check in reports {
		object.keys(unmet(without(check))) == {check}
		every result in ["failed", "unreadable", "missing"] {
			object.keys(unmet(reporting(check, {"result": result}))) == {check}
		}
	}
}

test_a_report_about_another_image_proves_nothing if {
	every check in ["staging", "trivy", "registry-scan"] {
		other := unmet(reporting(check, {"image": "sha256:00"}))
		object.keys(other) == {check}
		contains(other[check], "another image")
	}
}

test_an_image_that_is_not_known_is_proved_by_nothing if {
	object.keys(unmet(object.remove(green, ["image"]))) == {"staging", "trivy", "registry-scan"}
}

test_numbers_are_held_against_their_limits if {
	object.keys(unmet(reporting("coverage", {"measure": 79}))) == {"coverage"}
	object.keys(unmet(reporting("load-test", {"measure": 49}))) == {"load-test"}
	unmet(reporting("coverage", {"measure": 100})) == {}
}

test_another_registry_or_tag_is_none if {
	object.keys(unmet(object.union(green, {"region": "us-east-1"}))) == {"registry"}
	object.keys(unmet(object.union(green, {"account": "123456789012"}))) == {"registry"}
	object.keys(unmet(object.union(green, {"tagged_by_commit": false}))) == {"image-tag"}
}

test_a_person_confirms_the_rollback_plan_and_nothing_else_is_theirs if {
	wants := promotion.result.wants with input as of([])
	{want | some want in wants; want.by_person} == {{
		"check": "rollback-plan", "rule": "The rollback plan is confirmed",
		"emergency_may_skip": false, "by_person": true,
	}}
}
