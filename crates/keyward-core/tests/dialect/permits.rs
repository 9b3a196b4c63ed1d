//! `permits` against an evaluator that is written as the rule is spoken.

use std::collections::{BTreeMap, BTreeSet};

use keyward_core::dialect::{Dialect, GrantView, KindForm, ScopeForm};
use keyward_core::key::Grant;
use proptest::prelude::*;

type Names = BTreeSet<&'static str>;

/// In the catalogue, in parts or not at all.
const LISTED: [&str; 5] = ["a", "a-b", "b", "b:c", "c"];
/// Never in the catalogue.
const UNLISTED: [&str; 2] = ["d", "A"];
const GRANTED_BY_KIND: [&str; 2] = ["e", "f"];

#[derive(Debug, Clone)]
struct Case {
    satisfied_by: BTreeMap<&'static str, Names>,
    grants: Names,
    cap: Option<Names>,
    grant: Option<Names>,
    alternatives: Vec<Vec<&'static str>>,
}

impl Case {
    fn expected(&self) -> bool {
        self.alternatives.iter().any(|all| all.iter().all(|scope| self.holds(scope)))
    }

    fn holds(&self, wanted: &'static str) -> bool {
        if self.grants.contains(wanted) {
            return true;
        }
        if let Some(cap) = &self.cap
            && !cap.contains(wanted)
        {
            return false;
        }
        let Some(granted) = &self.grant else { return true };
        let mut enough = Names::from([wanted]);
        enough.extend(self.satisfied_by.get(wanted).into_iter().flatten());
        !enough.is_disjoint(granted)
    }

    fn dialect(&self) -> Dialect {
        let mut kind = KindForm::new("live", "kw_").with_grants(self.grants.iter().copied());
        if let Some(cap) = &self.cap {
            kind = kind.with_cap(cap.iter().copied());
        }
        let scopes = self.satisfied_by.iter().map(|(name, others)| {
            ScopeForm::new(name, "").with_satisfied_by(others.iter().copied())
        });
        Dialect::builder("acme").kinds([kind]).scopes(scopes).build().unwrap()
    }
}

fn names(of: &[&'static str], most: usize) -> impl Strategy<Value = Names> + use<> {
    prop::collection::btree_set(prop::sample::select(of.to_vec()), 0..=most)
}

fn case() -> impl Strategy<Value = Case> {
    let all: Vec<_> = LISTED.into_iter().chain(UNLISTED).chain(GRANTED_BY_KIND).collect();
    let word = prop::sample::select(all.clone());
    (
        prop::collection::btree_map(prop::sample::select(LISTED.to_vec()), names(&LISTED, 3), 1..5),
        names(&GRANTED_BY_KIND, 2),
        prop::option::of(names(&LISTED, 4)),
        prop::option::weighted(0.8, names(&all, 4)),
        prop::collection::vec(prop::collection::vec(word, 1..3), 1..4),
    )
        .prop_map(|(mut satisfied_by, grants, mut cap, grant, alternatives)| {
            // A dialect names no scope that its catalogue lacks.
            let catalogue: Names = satisfied_by.keys().copied().collect();
            for others in satisfied_by.values_mut() {
                others.retain(|other| catalogue.contains(other));
            }
            if let Some(cap) = &mut cap {
                cap.retain(|scope| catalogue.contains(scope));
            }
            Case { satisfied_by, grants, cap, grant, alternatives }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn permits_says_what_the_rule_says(case in case()) {
        let dialect = case.dialect();
        let kind = dialect.kind_id("live").unwrap();
        let grant = case.grant.as_ref().map_or(Grant::All, |names| {
            Grant::Only(names.iter().map(|name| name.parse().unwrap()).collect())
        });
        let wanted: Vec<String> = case.alternatives.iter().map(|all| all.join(" ")).collect();
        let wanted = wanted.join(" | ");
        let permitted = dialect.permits(kind, GrantView::from(&grant), &wanted);
        prop_assert_eq!(permitted, case.expected(), "{:?} → {}", grant, wanted);
    }

    #[test]
    fn any_text_can_be_asked_for(grant in ".{0,30}", wanted in ".{0,30}") {
        let bigspin = Dialect::bigspin();
        let secret = bigspin.kind_id("secret").unwrap();
        let _ = bigspin.permits(secret, GrantView::Only(&grant), &wanted);
        prop_assert!(!bigspin.permits(secret, GrantView::Only(""), &wanted));
    }
}
