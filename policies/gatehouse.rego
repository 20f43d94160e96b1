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
#          "evidence": {"image": "sha256:…" or absent, "tagged_by_commit": bool, "account", "region": of the registry,
#                       "checks": [{"name", "result"}]: the jobs of the run's own attempt,
#                       "reports": [{"check", "result": passed | failed | missing | unreadable, "image"?, "ids"?,
#                                    "measure"?, "said": the same in a few words}]}}
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

result := {"schema": "gatehouse.policy.result/v2", "asks": asks, "freezes": freezes, "wants": wants}

asks contains {"rule": "any production change", "role": "engineer", "seats": 2, "paths": []}

asks contains {"rule": class.rule, "role": role, "seats": 1, "paths": touched} if {
	some class in classes
	touched := {file.path | some file in files; belongs(file, class)}
	count(touched) > 0
	some role in class.roles
}

# How a file's name is spelt does not change what it is.
files := [file |
	some path in input.paths
	name := lower(path)
	file := {"path": path, "name": name, "folders": {folder | some folder in split(name, "/")}}
]

# What each class of files is, in lower case: by a folder on the way to it, by how its path ends, by what stands anywhere
# in it, or by being in one of these repositories at all.
classes := [
	{
		"rule": "infrastructure",
		"roles": ["security"],
		"folders": {"terraform", "infra", "infrastructure", "rbac", "istio", "network-policies", "pod-security", "k8s-config"},
		"ends": [".tf", ".tf.json", ".tfvars", ".hcl", "network-policy.yaml", "networkpolicy.yaml", "rbac.yaml"],
		"holds": ["dockerfile", "deploy/templates/"],
		"repositories": {"altscore/platform", "altscore/k8s-config"},
	},
	{
		"rule": "data pipeline",
		"roles": ["dpo"],
		"folders": {"dags", "airflow", "dbt", "spark", "schemas"},
		"ends": [".avsc", ".proto", "asyncapi.yaml", "asyncapi.yml"],
		"holds": [],
		"repositories": {"altscore/data-pipelines"},
	},
	{
		"rule": "model or guardrail",
		"roles": ["guardrail"],
		"folders": {"training", "features", "evaluation", "guardrails", "notebooks"},
		"ends": [".ipynb", ".onnx", ".pkl", ".joblib", ".safetensors"],
		"holds": [],
		"repositories": set(),
	},
	# A workflow decides what is checked and what is deployed: whatever it was before, it may be anything now.
	{
		"rule": "the pipeline itself",
		"roles": ["security", "dpo", "guardrail"],
		"folders": {".github", ".circleci"},
		"ends": [".gitmodules", "action.yml", "action.yaml"],
		"holds": [],
		"repositories": set(),
	},
]

belongs(file, class) if count(file.folders & class.folders) > 0

belongs(file, class) if strings.any_suffix_match(file.name, class.ends)

belongs(file, class) if {
	some part in class.holds
	contains(file.name, part)
}

belongs(_, class) if lower(input.repository) in class.repositories

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
