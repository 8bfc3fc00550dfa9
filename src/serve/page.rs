//! Pages of lists: each begins behind the last item of the one before it.

use super::problem::Problem;

/// Items of a page when nothing else is said.
pub(super) const ITEMS: u32 = 50;
/// Items of a page at most.
pub(super) const ITEMS_MAX: u32 = 500;
/// Digits of a place in a list.
const CURSOR_DIGITS_MAX: usize = 18;

/// A page that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Items at most.
    pub(super) items: u32,
    /// The last item of the page before.
    pub(super) after: Option<i64>,
}

impl Page {
    /// Reads what is asked for: how many items, and the place that the page before named.
    pub(super) fn read(limit: Option<u32>, cursor: Option<&str>) -> Result<Self, Problem> {
        let items = limit.unwrap_or(ITEMS);
        if !(1..=ITEMS_MAX).contains(&items) {
            return Err(Problem::parameter("limit", format!("a page has 1 to {ITEMS_MAX} items")));
        }
        Ok(Self { items, after: cursor.map(place).transpose()? })
    }

    /// Items to look for: one more than the page has tells whether there is another page.
    pub(super) const fn sought(self) -> u32 {
        self.items + 1
    }

    /// The items of the page, and the place of the next one if there is one.
    pub(super) fn cut<T>(self, mut found: Vec<T>, id: impl Fn(&T) -> i64) -> (Vec<T>, Option<String>) {
        let items = self.items as usize;
        let has_more = found.len() > items;
        found.truncate(items);
        let next = found.last().filter(|_| has_more).map(|last| id(last).to_string());
        (found, next)
    }
}

fn place(cursor: &str) -> Result<i64, Problem> {
    let is_right =
        (1..=CURSOR_DIGITS_MAX).contains(&cursor.len()) && cursor.bytes().all(|byte| byte.is_ascii_digit());
    let place = is_right.then(|| cursor.parse().ok()).flatten();
    place.ok_or_else(|| Problem::parameter("cursor", "it is none that a page has named as `next`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(cursor: &str) -> Option<i64> {
        Page::read(None, Some(cursor)).ok()?.after
    }

    #[test]
    fn items_max() {
        let items = |limit: Option<u32>| Page::read(limit, None).map(|page| page.items).ok();
        assert_eq!((items(None), items(Some(1)), items(Some(0))), (Some(ITEMS), Some(1), None));
        assert_eq!((items(Some(ITEMS_MAX)), items(Some(ITEMS_MAX + 1))), (Some(ITEMS_MAX), None));
    }

    #[test]
    fn cursor_digits_max() {
        assert!(place_of(&"9".repeat(CURSOR_DIGITS_MAX)).is_some());
        assert_eq!(place_of(&"9".repeat(CURSOR_DIGITS_MAX + 1)), None);
        assert_eq!(
            (place_of("17"), place_of(""), place_of("-1"), place_of("x")),
            (Some(17), None, None, None)
        );
    }

    #[test]
    fn the_next_page_begins_behind_the_last_item() {
        let page = Page { items: 2, after: None };
        assert_eq!(page.cut(vec![1, 2, 3], |item| *item), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(page.cut(vec![1, 2], |item| *item), (vec![1, 2], None));
        assert_eq!(page.cut(Vec::new(), |item: &i64| *item), (Vec::new(), None));
    }
}
