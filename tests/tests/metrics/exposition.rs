//! The text format of Prometheus, read as strictly as it is written down:
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::collections::BTreeMap;

use keyward_tests::Client;

/// What a process shows.
#[derive(Debug, Default)]
pub(crate) struct Exposition {
    /// The types of the metrics, by their names.
    pub(crate) types: BTreeMap<String, String>,
    /// The values, by name and labels as they are written.
    pub(crate) samples: BTreeMap<String, f64>,
}

impl Exposition {
    /// Asks for it, as Prometheus would.
    pub(crate) async fn of(metrics: &Client) -> Self {
        let answer = metrics.get_without_key("/metrics").await;
        assert_eq!(answer.status, 200);
        let format = "text/plain; version=0.0.4; charset=utf-8";
        assert_eq!(answer.header("content-type"), Some(format));
        Self::parse(&answer.body)
    }

    /// How many requests had an outcome.
    pub(crate) fn outcome(&self, outcome: &str) -> u64 {
        self.count(&format!("keyward_verifications_total{{outcome=\"{outcome}\"}}"))
    }

    /// The value of a counter.
    #[track_caller]
    pub(crate) fn count(&self, sample: &str) -> u64 {
        self.value(sample).to_string().parse().unwrap()
    }

    /// The value of a sample.
    #[track_caller]
    pub(crate) fn value(&self, sample: &str) -> f64 {
        *self.samples.get(sample).unwrap_or_else(|| panic!("`{sample}`: {self:#?}"))
    }

    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line ends");
        let mut parsed = Self::default();
        let mut helped = None;
        let mut family = String::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, sentence) = help.split_once(' ').unwrap();
                assert!(is_name(name) && !sentence.is_empty(), "{line}");
                helped = Some(name);
            } else if let Some(typed) = line.strip_prefix("# TYPE ") {
                let (name, of) = typed.split_once(' ').unwrap();
                assert_eq!(helped.take(), Some(name), "what it says comes before: {line}");
                assert!(["counter", "gauge", "histogram"].contains(&of), "{line}");
                let before = parsed.types.insert(name.to_owned(), of.to_owned());
                assert_eq!(before, None, "all of a metric stands together: {line}");
                name.clone_into(&mut family);
            } else {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = match sample.split_once('{') {
                    Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
                    None => (sample, ""),
                };
                assert_is_of(name, &family, &parsed.types[&family]);
                assert_labels(labels);
                let value: f64 = value.parse().unwrap_or_else(|_| panic!("a number: {line}"));
                let before = parsed.samples.insert(sample.to_owned(), value);
                assert_eq!(before, None, "a sample stands there once: {line}");
            }
        }
        parsed.assert_histograms_add_up();
        parsed
    }

    fn assert_histograms_add_up(&self) {
        for (name, _) in self.types.iter().filter(|(_, of)| *of == "histogram") {
            let bucket = format!("{name}_bucket{{le=\"");
            let buckets = self.samples.iter().filter_map(|(sample, count)| {
                let bound = sample.strip_prefix(&bucket)?.strip_suffix("\"}")?;
                Some((bound.parse::<f64>().unwrap(), *count))
            });
            let mut buckets: Vec<(f64, f64)> = buckets.collect();
            buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            assert!(buckets.is_sorted_by(|(_, a), (_, b)| a <= b), "{buckets:?}");
            let count = self.value(&format!("{name}_count"));
            assert_eq!(buckets.last(), Some(&(f64::INFINITY, count)));
            assert!(self.value(&format!("{name}_sum")) >= 0.0);
        }
    }
}

/// A sample belongs to the metric above it, and a counter's name says what it is.
#[track_caller]
fn assert_is_of(sample: &str, family: &str, of: &str) {
    match (of, sample.strip_prefix(family)) {
        ("histogram", Some("_bucket" | "_sum" | "_count")) => {}
        ("counter", Some("")) => assert!(family.ends_with("_total"), "{family}"),
        ("gauge", Some("")) => assert!(!family.ends_with("_total"), "{family}"),
        _ => panic!("`{sample}` below `{family}`"),
    }
}

#[track_caller]
fn assert_labels(labels: &str) {
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (name, value) = label.split_once('=').unwrap();
        assert!(is_name(name) && !name.contains(':'), "{label}");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
        assert!(!value.contains(['"', '\\', '\n']), "{label}");
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':';
    !name.starts_with(|first: char| first.is_ascii_digit()) && name.bytes().all(is_part)
}
