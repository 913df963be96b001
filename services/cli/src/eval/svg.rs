//! Charts that need nothing but a browser.

use super::stats::{Estimate, Row};

const WIDTH: f64 = 760.0;
const LABEL: f64 = 230.0;
const RIGHT: f64 = 110.0;
const LINE: f64 = 30.0;

/// Bars with their intervals, one for each contestant.
pub(super) fn bars(rows: &[Row], value: impl Fn(&Row) -> Estimate, show: impl Fn(f64) -> String) -> String {
    let most = rows.iter().map(|row| value(row).high).filter(|high| high.is_finite()).fold(0.0, f64::max);
    let scale = |value: f64| if most > 0.0 { value / most * (WIDTH - LABEL - RIGHT) } else { 0.0 };
    let mut body = String::new();
    for (at, row) in rows.iter().enumerate() {
        let (y, estimate) = (at as f64 * LINE, value(row));
        body += &format!(
            r#"<text x="{}" y="{}" class="who">{}</text>"#,
            LABEL - 10.0,
            y + 20.0,
            escape(&row.name)
        );
        if estimate.mean.is_nan() {
            body += &format!(r#"<text x="{LABEL}" y="{}">no answer</text>"#, y + 20.0);
            continue;
        }
        let [mean, low, high] = [estimate.mean, estimate.low, estimate.high].map(scale);
        body += &format!(r#"<rect x="{LABEL}" y="{}" width="{mean:.1}" height="16"/>"#, y + 7.0);
        body += &whisker(LABEL + low, LABEL + high, y + 15.0);
        body += &format!(
            r#"<text x="{:.1}" y="{}">{}</text>"#,
            LABEL + high + 8.0,
            y + 20.0,
            show(estimate.mean)
        );
    }
    figure(rows.len() as f64 * LINE + 6.0, &body)
}

/// Score over cost: up and to the left is better.
pub(super) fn scatter(rows: &[Row]) -> String {
    const HEIGHT: f64 = 300.0;
    const LEFT: f64 = 60.0;
    let rows: Vec<&Row> = rows.iter().filter(|row| row.cost_micros.mean.is_finite()).collect();
    let most = rows.iter().map(|row| row.cost_micros.high).fold(0.0, f64::max).max(1.0);
    let x = |cost: f64| LEFT + cost / most * (WIDTH - LEFT - 190.0);
    let y = |score: f64| 20.0 + (1.0 - score) * (HEIGHT - 60.0);
    let mut body = String::new();
    for tick in 0..=4 {
        let score = f64::from(tick) / 4.0;
        let (at, right) = (y(score), WIDTH - 20.0);
        body += &format!(r#"<line x1="{LEFT}" y1="{at:.1}" x2="{right}" y2="{at:.1}" class="grid"/>"#);
        body += &format!(
            r#"<text x="{}" y="{:.1}" class="who">{:.0} %</text>"#,
            LEFT - 8.0,
            at + 4.0,
            score * 100.0
        );
    }
    body += &format!(
        r#"<text x="{LEFT}" y="{}">cost of a question, up to ${:.5}</text>"#,
        HEIGHT - 8.0,
        most / 1e6
    );
    for row in rows {
        let (cx, cy) = (x(row.cost_micros.mean), y(row.score.mean));
        body += &format!(
            r#"<line x1="{cx:.1}" y1="{:.1}" x2="{cx:.1}" y2="{:.1}"/>"#,
            y(row.score.low),
            y(row.score.high)
        );
        body += &format!(r#"<circle cx="{cx:.1}" cy="{cy:.1}" r="5"/>"#);
        body += &format!(r#"<text x="{:.1}" y="{:.1}">{}</text>"#, cx + 9.0, cy + 4.0, escape(&row.name));
    }
    figure(HEIGHT, &body)
}

fn whisker(low: f64, high: f64, y: f64) -> String {
    let end = |x: f64| format!(r#"<line x1="{x:.1}" y1="{}" x2="{x:.1}" y2="{}"/>"#, y - 4.0, y + 4.0);
    format!(r#"<line x1="{low:.1}" y1="{y}" x2="{high:.1}" y2="{y}"/>{}{}"#, end(low), end(high))
}

fn figure(height: f64, body: &str) -> String {
    format!(r#"<svg viewBox="0 0 {WIDTH} {height}" role="img">{body}</svg>"#)
}

/// Names of models and answers may be anything.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
