use super::stats::{Estimate, Row};

const HEAD: [&str; 6] = ["who", "answered", "score (95 %)", "cost a question", "time", "slowest"];

/// The table for the terminal, which is Markdown too.
pub(super) fn render(rows: &[Row]) -> String {
    let mut lines = vec![HEAD.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(cells));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let padded = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text += &format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "));
        if at == 0 {
            let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text += &format!("| {} |\n", rule.join(" | "));
        }
    }
    text
}

fn cells(row: &Row) -> Vec<String> {
    vec![
        row.name.clone(),
        format!("{}/{}", row.answered, row.asked),
        format!("{} ({} to {})", percent(row.score.mean), percent(row.score.low), percent(row.score.high)),
        dollars(row.cost_micros),
        seconds(row.millis.mean),
        seconds(row.slowest),
    ]
}

pub(super) fn percent(share: f64) -> String {
    if share.is_nan() { "-".to_owned() } else { format!("{:.0} %", share * 100.0) }
}

pub(super) fn dollars(cost: Estimate) -> String {
    if cost.mean.is_nan() { "-".to_owned() } else { format!("${:.5}", cost.mean / 1e6) }
}

pub(super) fn seconds(millis: f64) -> String {
    if millis.is_nan() { "-".to_owned() } else { format!("{:.2} s", millis / 1000.0) }
}
