//! Which settings differ between two versions of a file of deploy values? Named by the keys that lead to them.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// For each file of values: every key, in lower case, under which something differs; none where nobody can tell.
pub type ValuesMoved = BTreeMap<String, Option<BTreeSet<String>>>;

/// Every key on the way to a value that differs. What comes or goes whole differs in all that is in it.
#[must_use]
pub fn keys_that_differ(before: &Value, now: &Value) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    walk(before, now, &mut keys);
    keys
}

fn walk(before: &Value, now: &Value, keys: &mut BTreeSet<String>) {
    if before == now {
        return;
    }
    // A value that is none has no keys; what takes its place may have some.
    for key in keys_of(before).chain(keys_of(now)).collect::<BTreeSet<_>>() {
        let (one, other) = (of_key(before, key), of_key(now, key));
        if one != other {
            keys.insert(key.to_lowercase());
            walk(one, other, keys);
        }
    }
    // A list has places instead of keys. One entry more moves all after it, and all are looked through.
    for place in 0..items_of(before).len().max(items_of(now).len()) {
        let at = |items: &'_ [Value]| items.get(place).cloned().unwrap_or_default();
        walk(&at(items_of(before)), &at(items_of(now)), keys);
    }
}

fn keys_of(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str))
}

fn of_key<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

fn items_of(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn differ(before: Value, now: Value) -> Vec<String> {
        keys_that_differ(&before, &now).into_iter().collect()
    }

    #[test]
    fn the_way_to_each_difference_is_named_and_nothing_beside_it() {
        let before = json!({"replicas": 2, "pod": {"securityContext": {"runAsNonRoot": true}, "labels": {"a": 1}}});
        let mut now = before.clone();
        assert!(differ(before.clone(), now.clone()).is_empty());
        now["replicas"] = json!(3);
        assert_eq!(differ(before.clone(), now.clone()), ["replicas"]);
        now["pod"]["securityContext"]["runAsNonRoot"] = json!(false);
        assert_eq!(differ(before, now), ["pod", "replicas", "runasnonroot", "securitycontext"]);
    }

    #[test]
    fn what_comes_or_goes_whole_differs_in_all_that_is_in_it() {
        let one = json!({"a": {"hostNetwork": true}});
        for (before, now) in [(json!(null), one.clone()), (one.clone(), json!({})), (one.clone(), json!({"a": "x"}))] {
            assert!(differ(before.clone(), now.clone()).contains(&"hostnetwork".to_owned()), "{before} {now}");
        }
        assert_eq!(differ(json!({"a": {}}), json!({"a": {"B": null}})), ["a"], "nothing is the same as null in it");
    }

    #[test]
    fn a_list_is_looked_through() {
        let containers = |privileged: bool| json!({"extra": [{"name": "x"}, {"name": "y", "privileged": privileged}]});
        assert_eq!(differ(containers(false), containers(true)), ["extra", "privileged"]);
        assert_eq!(differ(json!([{"a": 1}]), json!([{"a": 1}, {"privileged": true}])), ["privileged"]);
    }
}
