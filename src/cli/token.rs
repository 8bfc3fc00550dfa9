//! `feedgate token`: who may call the service.

use super::columns::{Columns, Side};
use super::context::{Context, block_on};
use super::decision::{DeciderArgs, decided};
use super::output;
use super::rows::{self, ListForm};
use crate::access::{Scope, Scopes, TokenName, TokenSource, TokenText};
use crate::config::{self, DatabaseUrl};
use crate::judgement::Acceptance;
use crate::report::escape::clean;
use crate::store::{NewToken, Revocation, Store, TokenView};
use anyhow::{Context as _, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::error::Error;
use std::time::Duration;

/// Days that a token may live when its end is said.
const EXPIRY_DAYS_MAX: u64 = 3_650;

/// Make and revoke tokens: who may call the service
///
/// A program that calls the service shows a token. The database has only its hash: the token itself is shown once, when
/// it is made. While there is no valid token, the service answers callers of the same machine only.
#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
    #[arg(long, value_name = "URL", global = true)]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    Create(CreateArgs),
    List(ListArgs),
    Revoke(RevokeArgs),
}

/// Make a token and show it, once
///
/// The token alone goes to standard output. Makes the tables of the database when there are none.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate token create shop-ci --scope submit --scope read --expires 90d
  feedgate token create verlag-a --scope submit --scope read --source 'GLN 4012345000009'
  TOKEN=$(feedgate token create desk --scope read --scope operate)

Exit status:
  0  made
  2  could not do it: there is, or was, a token of that name; no database")]
struct CreateArgs {
    /// Name of the token: at most 100 letters, digits, and `-_.@`; no two tokens have one
    name: TokenName,
    /// What it may do: look, submit feeds, decide; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scope_parser())]
    scopes: Vec<Scope>,
    /// The only sender whose feeds it may submit and see; without it, all
    #[arg(long, value_name = "SENDER")]
    source: Option<TokenSource>,
    /// How long it counts, such as `90d`; without it, until it is revoked
    #[arg(long, value_name = "TIME", value_parser = expiry)]
    expires: Option<Duration>,
    #[command(flatten)]
    decider: DeciderArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// List tokens, oldest first
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate token list
  feedgate token list --output csv
  feedgate token list --json | jq 'select(.state == \"valid\")'

Exit status:
  0  listed, also when there is nothing
  2  could not do it")]
struct ListArgs {
    /// How many tokens are listed
    #[arg(long, value_name = "N", value_parser = output::limit, default_value_t = 1000)]
    limit: u32,
    #[command(flatten)]
    list: rows::RowsArgs,
}

/// Revoke a token: it does not count any more
///
/// A service that runs knows it within ten seconds. The name is not free again.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate token revoke shop-ci --reason 'was in a log'

Exit status:
  0  revoked
  2  could not do it: no such token, or revoked before")]
struct RevokeArgs {
    /// Name of the token
    name: TokenName,
    /// Why; kept in `feedgate audit`
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    decider: DeciderArgs,
}

fn scope_parser() -> impl TypedValueParser<Value = Scope> {
    let words = PossibleValuesParser::new(Scope::ALL.map(Scope::as_str));
    words.map(|word| Scope::of_word(&word).expect("only words of scopes are let through"))
}

/// How long a token counts.
fn expiry(text: &str) -> Result<Duration, Box<dyn Error + Send + Sync>> {
    let expiry = config::duration(text)?;
    if expiry.is_zero() {
        return Err("a token that counts for no time is none".into());
    }
    if expiry > Duration::from_hours(EXPIRY_DAYS_MAX * 24) {
        return Err(format!("at most {EXPIRY_DAYS_MAX} days are possible").into());
    }
    Ok(expiry)
}

pub(super) fn run(args: TokenArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database);
    let url = context.settle()?.database;
    match args.command {
        TokenCommand::Create(args) => create(&args, &url, &context),
        TokenCommand::List(args) => list(&args, &url),
        TokenCommand::Revoke(args) => revoke(&args, &url, &context),
    }
}

fn create(args: &CreateArgs, url: &DatabaseUrl, context: &Context) -> anyhow::Result<Acceptance> {
    let decision = decided(context, &args.decider, None)?;
    let (text, now) = (TokenText::random()?, Timestamp::now());
    let expires_at = args.expires.map(|expiry| until(now, expiry)).transpose()?;
    let scopes: Scopes = args.scopes.iter().copied().collect();
    let (hash, words) = (text.hash(), scopes.to_string());
    let token = NewToken {
        name: args.name.as_str(),
        hash: hash.bytes(),
        scopes: &words,
        source: args.source.as_ref().map(TokenSource::as_str),
        expires_at,
    };
    let is_new = block_on(async {
        let store = Store::open(url).await?;
        let is_new = store.create_token(token, now, &decision).await?;
        store.close().await;
        Ok::<_, anyhow::Error>(is_new)
    })??;
    if !is_new {
        bail!(
            "there is, or was, a token `{}` in `{url}`: choose another name; `feedgate token list` lists them",
            args.name
        );
    }
    output::print(&if args.json { made(&token, &text) } else { format!("{}\n", text.secret()) })?;
    output::notice(&format!("token `{}` is made: it is shown this once, keep it safe", args.name));
    Ok(Acceptance::Accepted)
}

/// The end of a token, to the millisecond, as databases keep it.
fn until(now: Timestamp, expiry: Duration) -> anyhow::Result<Timestamp> {
    let end = now.checked_add(SignedDuration::try_from(expiry)?)?;
    Ok(Timestamp::from_millisecond(end.as_millisecond())?)
}

/// A new token for programs.
fn made(token: &NewToken<'_>, text: &TokenText) -> String {
    let value = json!({
        "version": 1,
        "type": "new_token",
        "name": token.name,
        "token": text.secret(),
        "scopes": words(token.scopes),
        "source": token.source,
        "expires_at": token.expires_at.map(|at| format!("{at:.3}")),
    });
    output::json_line(&value)
}

fn words(scopes: &str) -> Vec<&str> {
    scopes.split_whitespace().collect()
}

fn list(args: &ListArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    let (tokens, all) = block_on(async {
        let store = Store::open_existing(url).await?;
        Ok::<_, anyhow::Error>(match store {
            Some(store) => (store.tokens(Timestamp::now(), args.limit).await?, store.token_count().await?),
            None => (Vec::new(), 0),
        })
    })??;
    let rows = || tokens.iter().map(row_of).collect::<Vec<_>>();
    let text = match args.list.form() {
        ListForm::Text => listed(&tokens),
        ListForm::Json => rows::json_lines(&rows()),
        ListForm::Csv => rows::csv(COLUMNS, &rows()),
    };
    output::print(&text)?;
    output::left_out(tokens.len(), all, "tokens");
    Ok(Acceptance::Accepted)
}

fn listed(tokens: &[TokenView]) -> String {
    if tokens.is_empty() {
        return "no tokens\n".to_owned();
    }
    let left = Side::Left;
    let mut columns = Columns::new(&[
        ("token", left),
        ("state", left),
        ("scopes", left),
        ("sender", left),
        ("made", left),
        ("until", left),
        ("last used", left),
    ]);
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    for token in tokens {
        columns.row(&[
            token.name.clone(),
            token.state.as_str().to_owned(),
            token.scopes.clone(),
            token.source.clone().unwrap_or_else(|| "all".to_owned()),
            token.created_at.clone(),
            or_dash(if token.revoked_at.is_some() { &token.revoked_at } else { &token.expires_at }),
            or_dash(&token.last_used_at),
        ]);
    }
    columns.render()
}

/// A token for programs.
fn row_of(token: &TokenView) -> Value {
    let mut row = rows::row("token", token);
    row["scopes"] = words(&token.scopes).into();
    row
}

/// What a spreadsheet gets of a token.
const COLUMNS: &[&str] =
    &["name", "state", "scopes", "source", "created_at", "expires_at", "revoked_at", "last_used_at"];

fn revoke(args: &RevokeArgs, url: &DatabaseUrl, context: &Context) -> anyhow::Result<Acceptance> {
    let (name, decision) = (&args.name, decided(context, &args.decider, Some(&args.reason))?);
    let unknown =
        || format!("there is no token `{name}` in `{url}`: `feedgate token list` lists those there are");
    let revocation = block_on(async {
        let store = Store::open_existing(url).await?.with_context(unknown)?;
        let revoked = store.revoke_token(name.as_str(), Timestamp::now(), &decision).await?;
        store.close().await;
        Ok::<_, anyhow::Error>(revoked)
    })??;
    match revocation {
        Revocation::Unknown => bail!(unknown()),
        Revocation::Before => bail!("token `{name}` was revoked before: `feedgate token list` tells when"),
        Revocation::Done => {}
    }
    output::notice(&format!("token `{name}` is revoked: {}", clean(args.reason.trim())));
    Ok(Acceptance::Accepted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_for_a_bounded_time() {
        let days = |text: &str| expiry(text).map(|expiry| expiry.as_secs() / 86_400).ok();
        assert_eq!(days("90d"), Some(90));
        assert_eq!(days(&format!("{EXPIRY_DAYS_MAX}d")), Some(EXPIRY_DAYS_MAX));
        assert_eq!(days(&format!("{}d", EXPIRY_DAYS_MAX + 1)), None);
        assert_eq!(days("0d"), None);
        assert_eq!(days("soon"), None);
        assert_eq!(days(&format!("{}d", u64::MAX)), None);
    }

    #[test]
    fn the_end_of_a_token_is_told_as_it_is_kept() {
        let now: Timestamp = "2026-11-27T02:10:00.123456789Z".parse().expect("a moment");
        let end = until(now, Duration::from_hours(24)).expect("in range");
        assert_eq!(format!("{end:.3}"), "2026-11-28T02:10:00.123Z");
    }
}
