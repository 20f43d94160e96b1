//! Where does the next page of a list begin? A cursor is opaque: what is in it may change, so that only we read it.

use super::input::malformed;
use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many rows an answer has when nobody says.
const PAGE: u16 = 50;
/// How many at most.
const MOST: u16 = 200;

/// How many rows are wanted, one more than are given: it tells whether there is a next page.
///
/// # Errors
/// `RequestMalformed` when it is none or too many.
pub fn limit(wanted: Option<u16>) -> Result<usize, Error> {
    match wanted.unwrap_or(PAGE) {
        rows @ 1..=MOST => Ok(usize::from(rows)),
        _ => Err(malformed("limit is a number from 1 to 200")),
    }
}

/// The rows of this page, and the cursor of the next.
#[must_use]
pub fn cut<T>(mut rows: Vec<T>, limit: usize, place: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(place(last)));
    (rows, next)
}

/// The place that a cursor names.
///
/// # Errors
/// `RequestMalformed` when it is none of ours.
pub fn place<T>(cursor: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    let Some(cursor) = cursor else { return Ok(None) };
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| read(&text)).map(Some).ok_or_else(|| malformed("after is no cursor of this list"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_the_place_it_was_made_of() {
        let (rows, next) = cut(vec![1, 2, 3], 2, |row| format!("row-{row}"));
        assert_eq!(rows, [1, 2]);
        let read = |text: &str| text.strip_prefix("row-").and_then(|n| n.parse::<u8>().ok());
        assert_eq!(place(next.as_deref(), read).unwrap(), Some(2));
        assert_eq!(cut(vec![1, 2], 2, |_| String::new()).1, None);
        assert_eq!(place(Option::None, read).unwrap(), None);
        for bad in ["", "row-2", "cm93LTI=", "%", "cm93LXg"] {
            assert!(place(Some(bad), read).is_err(), "{bad}");
        }
    }

    #[test]
    fn nobody_asks_for_none_or_for_everything() {
        assert_eq!(limit(Option::None).unwrap(), 50);
        assert_eq!(limit(Some(200)).unwrap(), 200);
        assert!(limit(Some(0)).is_err() && limit(Some(201)).is_err());
    }
}
