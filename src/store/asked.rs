//! A list's statement with those conditions alone that are asked for.
//!
//! One statement for all, with `$1 is null or source = $1`, would read well and use no index: a plan that holds for
//! null, too, walks the table. The texts are few, a list having a handful of conditions that our own code writes; each
//! is made once and stays, as any other statement does.

use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::sql::Sql;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The texts that were made so far.
static MADE: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The text, as one that stays.
fn kept(text: String) -> &'static str {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = made.get(text.as_str()) {
        return text;
    }
    let text = &*text.leak();
    made.insert(text);
    text
}

/// What is asked of a list.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    conditions: Vec<(Sql, usize)>,
    values: Vec<Parameter<'a>>,
}

impl<'a> Asked<'a> {
    /// Everything; the values are those that the statement itself names, `$1` the first of them.
    pub(super) fn of(values: &[Parameter<'a>]) -> Self {
        Self { conditions: Vec::new(), values: values.to_vec() }
    }

    /// Only rows for which this holds; `{0}` is the first of its values, and so on.
    pub(super) fn and(mut self, condition: Sql, values: &[Parameter<'a>]) -> Self {
        self.conditions.push((condition, self.values.len()));
        self.values.extend_from_slice(values);
        self
    }

    /// The same, if there is a value to ask for.
    pub(super) fn and_if(self, condition: Sql, value: Option<impl Into<Parameter<'a>>>) -> Self {
        match value {
            Some(value) => self.and(condition, &[value.into()]),
            None => self,
        }
    }

    /// The first rows of the list; its statement has the places `{where}` and `{limit}`.
    pub(super) async fn rows<T: DeserializeOwned + Send>(
        mut self,
        connection: &mut Connection,
        doing: &'static str,
        list: Sql,
        limit: u32,
    ) -> Result<Vec<T>, StoreError> {
        self.values.push(i64::from(limit).into());
        connection.rows(doing, self.statement(list), &self.values).await
    }

    /// How many rows the list has in all, in one number or several; its statement has the place `{where}`.
    pub(super) async fn count<N: DeserializeOwned + Default + Send>(
        self,
        connection: &mut Connection,
        doing: &'static str,
        count: Sql,
    ) -> Result<N, StoreError> {
        Ok(connection.row(doing, self.statement(count), &self.values).await?.unwrap_or_default())
    }

    fn statement(&self, list: Sql) -> Sql {
        let text = |of: fn(&Sql) -> &'static str| {
            let limit = format!("${}", self.values.len());
            kept(of(&list).replace("{where}", &self.joined(of)).replace("{limit}", &limit))
        };
        Sql { postgres: text(|sql| sql.postgres), sqlite: text(|sql| sql.sqlite) }
    }

    fn joined(&self, of: fn(&Sql) -> &'static str) -> String {
        let numbered = |(condition, before): &(Sql, usize)| {
            let place = |text: String, at: usize| {
                text.replace(&format!("{{{at}}}"), &format!("${}", before + at + 1))
            };
            (0..self.values.len() - before).fold(of(condition).to_owned(), place)
        };
        match self.conditions.as_slice() {
            [] => "true".to_owned(),
            some => some.iter().map(numbered).collect::<Vec<_>>().join(" and "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: Sql = Sql {
        postgres: "select $1::text from t where {where} limit {limit}",
        sqlite: "select $1 from t where {where} limit {limit}",
    };

    #[track_caller]
    fn case(asked: Asked<'_>, expected: &str) -> Sql {
        let mut asked = asked;
        asked.values.push(5.into());
        let statement = asked.statement(LIST);
        assert_eq!(statement.sqlite, expected);
        assert_eq!(statement.postgres, expected.replace("select $1", "select $1::text"));
        statement
    }

    #[test]
    fn only_what_is_asked_for_stands_in_the_statement() {
        let first = || Asked::of(&["x".into()]);
        let state = Sql::both("(state = {0} or old = {0})");
        case(first(), "select $1 from t where true limit $2");
        case(first().and_if(state, None::<&str>), "select $1 from t where true limit $2");
        let both =
            || first().and(Sql::both("a in ({1}, {0})"), &[1.into(), 2.into()]).and_if(state, Some("open"));
        let expected = "select $1 from t where a in ($3, $2) and (state = $4 or old = $4) limit $5";
        let (one, other) = (case(both(), expected), case(both(), expected));
        assert!(std::ptr::eq(one.sqlite, other.sqlite), "the text is made once");
    }
}
