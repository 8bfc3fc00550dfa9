//! Pages: so many items, and where the next page begins.

use super::problem::Problem;
use crate::store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// Items of a page, unless it is said otherwise.
pub(super) const PAGE_ITEMS: u32 = 50;
/// Items that a page may have.
pub(super) const PAGE_ITEMS_MAX: u32 = 500;
/// Characters of a place in a list that is a name.
const NAME_CHARS_MAX: usize = 1_000;
/// Characters of a text that is looked for.
pub(super) const TEXT_CHARS_MAX: usize = 1_000;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T: ToSchema> {
    /// What is on it.
    pub(super) items: Vec<T>,
    /// The `cursor` of the next page; `null` on the last one.
    pub(super) next: Option<String>,
    /// How many there are on all pages; told with the first page, `null` on the others.
    pub(super) total: Option<u64>,
}

impl<T: ToSchema> Page<T> {
    /// A list that has one page.
    pub(super) fn only(items: Vec<T>) -> Self {
        let total = Some(items.len() as u64);
        Self { items, next: None, total }
    }

    /// The page with how many there are on all pages, as [`PageAsked::total`] found it.
    pub(super) fn of(self, total: Option<u64>) -> Self {
        Self { total, ..self }
    }
}

/// The page that is asked for: so many items behind a place, which is a number or a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageAsked<P> {
    limit: PageLimit,
    /// The last item of the page before.
    pub(super) after: Option<P>,
}

impl<'a, P: Place<'a>> PageAsked<P> {
    /// Reads what is asked for: how many items, and the place that the page before named.
    pub(super) fn read(limit: Option<u32>, cursor: Option<&'a str>) -> Result<Self, Problem> {
        let limit = PageLimit::read(limit)?;
        let wrong = || Problem::parameter("cursor", "it is none that a page gave as `next`");
        let after = cursor.map(|said| P::read(said).ok_or_else(wrong)).transpose()?;
        Ok(Self { limit, after })
    }
}

impl<P> PageAsked<P> {
    /// Rows to ask for: one more shows whether there is a next page.
    pub(super) const fn rows(&self) -> u32 {
        self.limit.0 + 1
    }

    /// How many there are on all pages: counted for the first page alone, so that the others cost the same wherever
    /// they are.
    pub(super) async fn total(
        &self,
        count: impl Future<Output = Result<u64, StoreError>>,
    ) -> Result<Option<u64>, Problem> {
        if self.after.is_some() { Ok(None) } else { Ok(Some(count.await?)) }
    }

    /// The page of what was found, which is one row more where there is a next page; `place` says where a row stands.
    pub(super) fn page<R, N: ToString, T: ToSchema>(
        &self,
        mut rows: Vec<R>,
        place: impl Fn(&R) -> N,
        told: impl FnMut(R) -> T,
    ) -> Page<T> {
        let has_more = rows.len() > self.limit.items();
        rows.truncate(self.limit.items());
        let next = rows.last().filter(|_| has_more).map(|last| place(last).to_string());
        Page { items: rows.into_iter().map(told).collect(), next, total: None }
    }
}

/// How much a page may have.
#[derive(Clone, Copy, Debug)]
struct PageLimit(u32);

impl PageLimit {
    /// What is asked for, or the usual.
    fn read(asked: Option<u32>) -> Result<Self, Problem> {
        match asked.unwrap_or(PAGE_ITEMS) {
            limit @ 1..=PAGE_ITEMS_MAX => Ok(Self(limit)),
            other => {
                let why = format!("`{other}` items are no page: from 1 to {PAGE_ITEMS_MAX} may be asked for");
                Err(Problem::parameter("limit", why))
            }
        }
    }

    fn items(self) -> usize {
        self.0 as usize
    }
}

/// Where an item stands in a list.
pub(super) trait Place<'a>: Sized {
    /// Reads a place that a page named; none when no page names one so.
    fn read(said: &'a str) -> Option<Self>;
}

impl Place<'_> for i64 {
    fn read(said: &str) -> Option<Self> {
        said.parse().ok().filter(|place| *place > 0)
    }
}

impl<'a> Place<'a> for &'a str {
    fn read(said: &'a str) -> Option<Self> {
        let is_wrong = said.is_empty() || said.chars().count() > NAME_CHARS_MAX || said.contains('\0');
        (!is_wrong).then_some(said)
    }
}

/// A text that is looked for, as a database takes it.
pub(super) fn text<'a>(name: &'static str, said: Option<&'a str>) -> Result<Option<&'a str>, Problem> {
    let Some(said) = said else { return Ok(None) };
    if said.is_empty() || said.chars().count() > TEXT_CHARS_MAX || said.chars().any(char::is_control) {
        let why = format!("it has 1 to {TEXT_CHARS_MAX} characters, and no control characters");
        return Err(Problem::parameter(name, why));
    }
    Ok(Some(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_items_max() {
        let limit = |asked| PageLimit::read(asked).ok().map(PageLimit::items);
        assert_eq!((limit(None), limit(Some(1)), limit(Some(500))), (Some(50), Some(1), Some(500)));
        assert_eq!((limit(Some(0)), limit(Some(501))), (None, None));
    }

    #[test]
    fn a_page_with_more_behind_it_says_where() {
        let page = |count: u32, limit| {
            let asked = PageAsked::<i64>::read(Some(limit), None).expect("in range");
            let page = asked.page((1..=count).collect(), |number: &u32| *number, |number| number);
            (page.items, page.next)
        };
        assert_eq!(page(2, 2), (vec![1, 2], None));
        assert_eq!(page(3, 2), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(page(0, 2), (vec![], None));
    }

    #[tokio::test]
    async fn only_the_first_page_is_counted() {
        let total = async |cursor| {
            let asked = PageAsked::<i64>::read(None, cursor).expect("in range");
            asked.total(async { Ok(7) }).await.ok().flatten()
        };
        assert_eq!((total(None).await, total(Some("3")).await), (Some(7), None));
    }

    #[test]
    fn text_chars_max() {
        let of = |said: &str| text("key", Some(said)).is_ok();
        assert!(of(&"ä".repeat(TEXT_CHARS_MAX)) && !of(&"ä".repeat(TEXT_CHARS_MAX + 1)));
        assert!(!of("") && !of("a\0") && text("key", None).is_ok());
    }

    #[test]
    fn a_place_is_a_number_from_1() {
        let of = |said| PageAsked::<i64>::read(None, Some(said)).ok().and_then(|asked| asked.after);
        assert_eq!(
            (of("17"), of("0"), of("-1"), of("x"), of("99999999999999999999")),
            (Some(17), None, None, None, None)
        );
    }

    #[test]
    fn name_chars_max() {
        let of = |said: &str| PageAsked::<&str>::read(None, Some(said)).is_ok();
        assert!(of(&"s".repeat(NAME_CHARS_MAX)) && !of(&"s".repeat(NAME_CHARS_MAX + 1)));
        assert!(!of("") && !of("a\0"));
    }
}
