use std::time::Duration;

/// Why a text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a number and a unit of ms, s, m, h or d, such as `15m`")]
pub struct ParseDurationError;

/// Reads `250ms`, `30s`, `15m`, `12h` or `7d`; a bare `0` needs no unit.
///
/// # Errors
/// When the text has another form or the duration is too long for 64 bits of milliseconds.
pub fn parse_duration(text: &str) -> Result<Duration, ParseDurationError> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(ParseDurationError)?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().map_err(|_| ParseDurationError)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(ParseDurationError),
    };
    number.checked_mul(millis).map(Duration::from_millis).ok_or(ParseDurationError)
}
