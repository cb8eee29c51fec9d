//! When a fault happens: for which call, for which number, how often.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// Which of the five calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `POST v1/auth/token`.
    Token,
    /// `GET v1/customers/{id}`.
    Customer,
    /// `GET v1/service-products`.
    Products,
    /// `POST v1/service-lines`.
    OpenLine,
    /// `GET v1/service-lines`.
    Lines,
}

/// A fault and when it happens. The first rule that fits a call is taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Calls of this kind.
    pub call: Call,
    /// Only for this number (or customer, for calls without a number).
    #[serde(default)]
    pub number: Option<String>,
    /// Only so often, 0 to 1, drawn from the seed, the rule and the call's own reference or number, so that a run can be
    /// repeated whatever order its calls come in.
    #[serde(default)]
    pub probability: Option<f64>,
    /// Only so many times; without, until the faults are cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// What then happens.
    pub fault: Fault,
}

impl Rule {
    /// Each call of this kind.
    #[must_use]
    pub fn always(call: Call, fault: Fault) -> Self {
        Self {
            call,
            number: None,
            probability: None,
            times: None,
            fault,
        }
    }

    /// The next call of this kind. Several of them are a script, taken in order.
    #[must_use]
    pub fn once(call: Call, fault: Fault) -> Self {
        Self::always(call, fault).times(1)
    }

    /// So many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    /// Calls for this number alone.
    #[must_use]
    pub fn for_number(self, number: &str) -> Self {
        Self {
            number: Some(number.to_owned()),
            ..self
        }
    }

    /// This share of the calls, 0 to 1.
    #[must_use]
    pub fn with_probability(self, share: f64) -> Self {
        Self {
            probability: Some(share),
            ..self
        }
    }
}

/// What a call is known by: its number or customer, and its reference where it has one.
pub(super) struct Subject<'a> {
    pub call: Call,
    pub number: &'a str,
    pub reference: Option<&'a str>,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<(u64, Rule)>,
    added: u64,
    /// How often a rule was drawn for a subject, so that a second try is drawn anew.
    draws: HashMap<(u64, String), u64>,
}

impl Faults {
    pub(super) fn add(&mut self, rule: Rule) {
        self.added += 1;
        self.rules.push((self.added, rule));
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|(_, rule)| rule)
    }

    /// The fault of this call, if any; a rule that has been used up is gone.
    pub(super) fn next(&mut self, seed: u64, subject: &Subject<'_>) -> Option<Fault> {
        let draws = &mut self.draws;
        let index = self.rules.iter().position(|(id, rule)| {
            rule.call == subject.call
                && rule
                    .number
                    .as_deref()
                    .is_none_or(|number| number == subject.number)
                && rule
                    .probability
                    .is_none_or(|share| drawn(draws, seed, *id, share, subject))
        })?;
        let (_, rule) = self.rules.get_mut(index)?;
        let fault = rule.fault.clone();
        if let Some(times) = &mut rule.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.rules.remove(index);
            }
        }
        Some(fault)
    }
}

fn drawn(
    draws: &mut HashMap<(u64, String), u64>,
    seed: u64,
    rule: u64,
    share: f64,
    subject: &Subject<'_>,
) -> bool {
    let key = subject.reference.unwrap_or(subject.number).to_owned();
    let draw = draws.entry((rule, key.clone())).or_default();
    *draw += 1;
    let mut hash = DefaultHasher::new();
    (seed, rule, key, *draw).hash(&mut hash);
    StdRng::seed_from_u64(hash.finish()).random_bool(share.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(number: &str) -> Subject<'_> {
        Subject {
            call: Call::OpenLine,
            number,
            reference: None,
        }
    }

    #[test]
    fn a_script_is_taken_in_order_and_then_all_is_well() {
        let mut faults = Faults::default();
        for fault in [Fault::conflict(), Fault::none(), Fault::quota()] {
            faults.add(Rule::once(Call::OpenLine, fault));
        }
        let mut next = || faults.next(1, &of("12"));
        assert_eq!(next(), Some(Fault::conflict()));
        assert_eq!(next(), Some(Fault::none()));
        assert_eq!(next(), Some(Fault::quota()));
        assert_eq!(next(), None);
    }

    #[test]
    fn a_rule_for_a_number_leaves_the_others_alone() {
        let mut faults = Faults::default();
        faults.add(Rule::always(Call::OpenLine, Fault::quota()).for_number("12"));
        assert_eq!(faults.next(1, &of("13")), None);
        assert_eq!(faults.next(1, &of("12")), Some(Fault::quota()));
        let other_call = Subject {
            call: Call::Lines,
            ..of("12")
        };
        assert_eq!(faults.next(1, &other_call), None);
    }

    #[test]
    fn chance_depends_on_seed_and_subject_and_not_on_the_order_of_calls() {
        let numbers: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        let hit = |seed, order: &mut dyn Iterator<Item = &String>| {
            let mut faults = Faults::default();
            faults.add(Rule::always(Call::OpenLine, Fault::quota()).with_probability(0.2));
            let mut hit: Vec<String> = order
                .filter(|number| faults.next(seed, &of(number)).is_some())
                .cloned()
                .collect();
            hit.sort();
            hit
        };
        let forwards = hit(7, &mut numbers.iter());
        assert_eq!(forwards, hit(7, &mut numbers.iter().rev()));
        assert_ne!(forwards, hit(8, &mut numbers.iter()));
        assert!((20..60).contains(&forwards.len()), "{}", forwards.len());
    }
}
