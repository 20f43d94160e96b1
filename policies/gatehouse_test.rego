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
