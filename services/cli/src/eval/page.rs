use super::contest::Entry;
use super::questions::Question;
use super::stats::{Estimate, Row};
use super::svg::{bars, escape, scatter};
use super::table::{dollars, percent, seconds};

/// The report as one page that loads nothing.
pub(super) fn render(title: &str, questions: &[Question], rows: &[Row], entries: &[Entry]) -> String {
    let summary = format!(
        "{} questions, {} contestants, {} answers of which {} did not come.",
        questions.len(),
        rows.len(),
        entries.len(),
        entries.iter().filter(|entry| entry.outcome.is_err()).count()
    );
    let money = |micros| dollars(Estimate { mean: micros, low: micros, high: micros });
    let parts = [
        ("{title}", escape(title)),
        ("{summary}", summary),
        ("{rows}", rows.iter().map(line).collect()),
        ("{scores}", bars(rows, |row| row.score, percent)),
        ("{scatter}", scatter(rows)),
        ("{costs}", bars(rows, |row| row.cost_micros, money)),
        ("{times}", bars(rows, |row| row.millis, seconds)),
        ("{questions}", questions.iter().map(|question| answers(question, entries)).collect()),
    ];
    fill(include_str!("page.html"), &parts)
}

/// The template with each place's text in it. One pass: names and answers may contain the names of places.
fn fill(template: &str, parts: &[(&str, String)]) -> String {
    let (mut page, mut rest) = (String::new(), template);
    while let Some(at) = rest.find('{') {
        let (head, tail) = rest.split_at(at);
        page += head;
        let part = parts.iter().find_map(|(place, text)| Some((text.as_str(), tail.strip_prefix(place)?)));
        let (text, after) = part.unwrap_or_else(|| tail.split_at(1));
        page += text;
        rest = after;
    }
    page + rest
}

fn line(row: &Row) -> String {
    let cells = [
        format!("{}/{}", row.answered, row.asked),
        format!("{} ({} to {})", percent(row.score.mean), percent(row.score.low), percent(row.score.high)),
        dollars(row.cost_micros),
        seconds(row.millis.mean),
        seconds(row.slowest),
    ];
    let cells: String = cells.iter().map(|cell| format!(r#"<td class="number">{cell}</td>"#)).collect();
    format!("<tr><td>{}</td>{cells}</tr>", escape(&row.name))
}

fn answers(question: &Question, entries: &[Entry]) -> String {
    let own = entries.iter().filter(|entry| entry.question == question.id);
    let shown: String = own
        .map(|entry| {
            let (score, text) = match &entry.outcome {
                Ok(scored) => (percent(scored.score), &scored.answer),
                Err(why) => ("no answer".to_owned(), why),
            };
            let who = escape(&entry.contestant);
            format!("<details><summary>{who}: {score}</summary><pre>{}</pre></details>", escape(text))
        })
        .collect();
    format!("<h3>{}</h3><p>{}</p>{shown}", escape(&question.id), escape(&question.prompt))
}

#[cfg(test)]
mod tests {
    use super::super::contest::Contestant;
    use super::super::questions::Questions;
    use super::super::stats::{rows, tests::entry};
    use super::*;

    #[test]
    fn the_page_is_whole_and_answers_stay_text() {
        let set = "questions:\n  - id: q\n    prompt: Why <script>?\n    expect: { contains: [a] }\n";
        let questions = Questions::parse(set).unwrap().questions;
        let who = [Contestant::Single("{scores}".to_owned()), Contestant::Council];
        let entries = [entry(&who[0], "q", Ok(0.5)), entry(&who[1], "q", Err("503: {title}"))];
        let page = render("T & T", &questions, &rows(&who, &entries), &entries);
        assert_eq!(page.matches("<svg").count(), 4);
        assert!(page.contains("<title>T &amp; T</title>") && page.contains("A &lt;b&gt;."));
        assert!(!page.contains("<script>") && !page.contains("{rows}"));
        assert!(page.contains("no answer") && page.contains("503: {title}"));
        assert!(!page.contains("http"), "it loads nothing");
    }
}
