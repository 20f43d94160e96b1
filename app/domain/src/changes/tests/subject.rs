//! What is signed, and what replaces it.

use super::*;

#[test]
fn whatever_cannot_be_read_keeps_the_gate_shut_and_is_named() {
    let mut change = held();
    change.subject.image_digest = Field::Unreadable(Source::Ecr);
    change.subject.config_digest = Field::Unreadable(Source::Github);
    change.subject_digest = change.subject.digest();
    let people = people();
    let against = reasons_against(&change, &people[&person(1)], &people, SignedDecision::Approve, &policy(), now());
    assert_eq!(
        against,
        [Reason::FieldUnreadable("image digest".into()), Reason::FieldUnreadable("deploy values".into())]
    );
}

#[test]
fn reading_the_same_world_again_changes_nothing_and_another_world_replaces_the_subject() {
    let change = held().approved_by(1);
    let later = Subject { expires_at: now() + SUBJECT_LIFETIME + Duration::hours(1), ..subject() };
    assert_eq!(
        permit_replace_subject(&change, later, Requirement::two_engineers(), change.contributors.clone(), plan()),
        None
    );
    let moved =
        Subject { image_digest: Field::Known(format!("sha256:{}", "cd".repeat(32)).parse().unwrap()), ..subject() };
    let permit =
        permit_replace_subject(&change, moved, Requirement::two_engineers(), change.contributors.clone(), plan())
            .unwrap();
    assert!(matches!(permit.events(), [Event::SubjectReplaced(e)] if e.differs == ["image digest"]));
}

#[test]
fn each_field_of_the_subject_is_in_its_digest() {
    let base = subject();
    let other = |f: fn(&mut Subject)| {
        let mut s = subject();
        f(&mut s);
        s.digest()
    };
    let digests = BTreeSet::from([
        base.digest(),
        other(|s| s.service = "consent-service".parse().unwrap()),
        other(|s| s.environment = "staging".parse().unwrap()),
        other(|s| s.image_digest = Field::Absent(Absent::FirstRelease)),
        other(|s| s.commit_sha = "c".repeat(40).parse().unwrap()),
        other(|s| s.base_sha = Field::Absent(Absent::FirstRelease)),
        other(|s| s.config_digest = Field::Unreadable(Source::Github)),
        other(|s| s.migrations_digest = Field::Known(Digest::of(b"m"))),
        other(|s| s.plan_digest = Field::Known(Digest::of(b"p"))),
        other(|s| s.rollback_plan_digest = Field::Known(Digest::of(b"r"))),
        other(|s| s.evidence_digest = Field::Known(Digest::of(b"e"))),
        other(|s| s.policy_digest = Digest::of(b"q")),
        other(|s| s.expires_at += Duration::microseconds(1)),
    ]);
    assert_eq!(digests.len(), 13);
}

#[test]
fn the_subject_vector_holds() {
    let text = include_str!("../../../vectors/subject.json");
    let vector: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(String::from_utf8(subject().to_bytes().unwrap()).unwrap(), vector["bytes"].as_str().unwrap());
    assert_eq!(subject().digest().as_str(), vector["digest"].as_str().unwrap());
    let read: Subject = serde_json::from_value(serde_json::to_value(subject()).unwrap()).unwrap();
    assert_eq!(read, subject());
}

/// What could not be read has one spelling, is no value, and nothing else is taken for it.
#[test]
fn a_field_is_read_as_it_was_written() {
    type Image = Field<ImageDigest>;
    let image: ImageDigest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
    assert_eq!(Source::ALL.map(Source::code), ["github", "ecr", "kubernetes"]);
    let fields = Source::ALL.map(Image::Unreadable).into_iter().chain(Absent::ALL.map(Image::Absent));
    for field in fields.chain([Image::Known(image.clone())]) {
        assert_eq!(Image::try_from(field.to_string()), Ok(field.clone()));
        assert_eq!(field.known(), (field == Image::Known(image.clone())).then_some(&image));
    }
    for bad in ["", "unreadable:", "unreadable:aws", "absent:", "absent:whatever", "sha256:aa"] {
        assert!(Image::try_from(bad.to_owned()).is_err(), "{bad:?}");
    }
}

#[test]
fn a_new_attempt_ends_the_held_one_and_leaves_an_executing_one_to_its_job() {
    let opened = |change: &Change| Opened {
        number: "CHG-2026-000002".parse().unwrap(),
        key: change.key.clone(),
        subject: subject(),
        subject_digest: subject().digest(),
        requirement: Requirement::two_engineers(),
        contributors: change.contributors.clone(),
        rollback_plan: plan(),
    };
    let old = held();
    assert_eq!(permit_open(opened(&old), Some(&old)).events().len(), 2);
    let executing = Change { state: State::Executing, ..held() };
    assert_eq!(permit_open(opened(&old), Some(&executing)).events().len(), 1);

    // What could not be read is read again; what is whole is not.
    let jobs = |opened| permit_open(opened, None).into_parts().1;
    assert_eq!(jobs(opened(&old)), []);
    let again = [Job::AssessChange { number: "CHG-2026-000002".parse().unwrap() }];
    let unreadable = Subject { image_digest: Field::Unreadable(Source::Ecr), ..subject() };
    assert_eq!(jobs(Opened { subject: unreadable, ..opened(&old) }), again);
    let contributors = made_by([(Who::Nobody, Part::Author)]);
    assert_eq!(jobs(Opened { contributors, ..opened(&old) }), again);
}
