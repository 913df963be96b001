//! The latest traces, bounded by count and by memory: idle ones go first, then the oldest.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::span::Span;
use super::summary::Summary;

/// A trace in which nothing has arrived for this long has come to rest.
pub(crate) const REST: Duration = Duration::from_secs(2);
/// A trace that never ends must not push all others out.
const MAX_SPANS: usize = 5_000;

#[derive(Default)]
struct Trace {
    spans: Vec<Span>,
    weight: usize,
    dropped: usize,
    last_arrival: Option<Instant>,
    told: bool,
}

impl Trace {
    /// A worker that looked for work and found none. Thousands of them must not push out what happened.
    fn is_idle(&self) -> bool {
        Summary::of(&self.spans).is_some_and(|summary| summary.idle)
    }
}

pub(crate) struct Ring {
    traces: HashMap<String, Trace>,
    order: VecDeque<String>,
    weight: usize,
    max_traces: usize,
    max_weight: usize,
}

impl Ring {
    pub(crate) fn new(max_traces: usize, max_weight: usize) -> Self {
        Self {
            traces: HashMap::new(),
            order: VecDeque::new(),
            weight: 0,
            max_traces: max_traces.max(1),
            max_weight,
        }
    }

    pub(crate) fn insert(&mut self, span: Span, now: Instant) {
        let trace = self.traces.entry(span.trace_id.clone()).or_insert_with(|| {
            self.order.push_back(span.trace_id.clone());
            Trace::default()
        });
        trace.last_arrival = Some(now);
        trace.told = false;
        if trace.spans.len() >= MAX_SPANS {
            trace.dropped += 1;
            return;
        }
        // An exporter that got no answer sends the same batch again.
        if trace.spans.iter().any(|known| known.span_id == span.span_id) {
            return;
        }
        let weight = span.weight();
        trace.weight += weight;
        self.weight += weight;
        trace.spans.push(span);
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.order.len() > self.max_traces || (self.weight > self.max_weight && self.order.len() > 1) {
            let idle = self.order.iter().position(|id| self.traces.get(id).is_some_and(Trace::is_idle));
            let Some(oldest) = self.order.remove(idle.unwrap_or(0)) else { return };
            if let Some(gone) = self.traces.remove(&oldest) {
                self.weight -= gone.weight;
            }
        }
    }

    /// The spans of a trace by its id or the beginning of it; an error names what is wrong.
    pub(crate) fn find(&self, id: &str) -> Result<Vec<Span>, NotFound> {
        if let Some(trace) = self.traces.get(id) {
            return Ok(trace.spans.clone());
        }
        let mut matching = self.traces.iter().filter(|(known, _)| known.starts_with(id));
        match (matching.next(), matching.next()) {
            (Some((_, trace)), None) => Ok(trace.spans.clone()),
            (Some(_), Some(_)) => Err(NotFound::Ambiguous),
            _ => Err(NotFound::Unknown),
        }
    }

    /// The newest traces first.
    pub(crate) fn latest(&self, limit: usize) -> Vec<Summary> {
        let newest = self.order.iter().rev().filter_map(|id| self.traces.get(id));
        newest.filter_map(|trace| Summary::of(&trace.spans)).take(limit).collect()
    }

    /// Traces that have come to rest since they were last told.
    pub(crate) fn rested(&mut self, now: Instant) -> Vec<Summary> {
        let rested = self.traces.values_mut().filter(|trace| {
            !trace.told && trace.last_arrival.is_some_and(|at| now.saturating_duration_since(at) >= REST)
        });
        let mut summaries: Vec<Summary> = rested
            .filter_map(|trace| {
                trace.told = true;
                Summary::of(&trace.spans)
            })
            .collect();
        summaries.sort_by_key(|summary| summary.start);
        summaries
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotFound {
    Unknown,
    Ambiguous,
}

#[cfg(test)]
mod tests {
    use super::super::span::Kind;
    use super::*;

    fn span(trace: &str, id: &str) -> Span {
        Span { trace_id: trace.to_owned(), span_id: id.to_owned(), ..Span::default() }
    }

    #[test]
    fn the_oldest_trace_goes_when_there_are_too_many() {
        let mut ring = Ring::new(2, usize::MAX);
        for trace in ["aa", "bb", "cc"] {
            ring.insert(span(trace, "1"), Instant::now());
        }
        assert_eq!(ring.find("aa"), Err(NotFound::Unknown));
        assert_eq!(ring.latest(9).len(), 2);
    }

    #[test]
    fn an_idle_trace_goes_before_an_older_one_that_did_something() {
        let mut ring = Ring::new(2, usize::MAX);
        ring.insert(Span { kind: Kind::Server, ..span("aa", "1") }, Instant::now());
        ring.insert(span("bb", "1"), Instant::now());
        ring.insert(span("cc", "1"), Instant::now());
        assert!(ring.find("aa").is_ok());
        assert_eq!(ring.find("bb"), Err(NotFound::Unknown));
    }

    #[test]
    fn the_oldest_trace_goes_when_they_are_too_heavy() {
        let weight = span("aa", "1").weight();
        let mut ring = Ring::new(100, weight * 2);
        for trace in ["aa", "bb", "cc"] {
            ring.insert(span(trace, "1"), Instant::now());
        }
        assert_eq!(ring.find("aa"), Err(NotFound::Unknown));
        assert_eq!(ring.weight, weight * 2);
    }

    #[test]
    fn a_beginning_is_enough_when_it_is_the_only_one() {
        let mut ring = Ring::new(9, usize::MAX);
        ring.insert(span("abc1", "1"), Instant::now());
        ring.insert(span("abd2", "1"), Instant::now());
        assert_eq!(ring.find("abc").unwrap().len(), 1);
        assert_eq!(ring.find("ab"), Err(NotFound::Ambiguous));
    }

    #[test]
    fn a_batch_sent_twice_counts_once() {
        let mut ring = Ring::new(9, usize::MAX);
        ring.insert(span("a", "1"), Instant::now());
        ring.insert(span("a", "1"), Instant::now());
        assert_eq!(ring.find("a").unwrap().len(), 1);
    }

    #[test]
    fn a_trace_is_told_when_it_rests_and_again_when_it_grew() {
        let (mut ring, begin) = (Ring::new(9, usize::MAX), Instant::now());
        ring.insert(span("a", "1"), begin);
        assert!(ring.rested(begin).is_empty());
        assert_eq!(ring.rested(begin + REST).len(), 1);
        assert!(ring.rested(begin + REST).is_empty());
        ring.insert(span("a", "2"), begin + REST);
        assert_eq!(ring.rested(begin + REST * 2)[0].spans, 2);
    }
}
