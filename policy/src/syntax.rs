//! The formulas of a rule as they are written.
//!
//! ```text
//! round((eligible_cost - deductible) * pick(rates, level))
//! if known(rate_percent) then left * rate_percent / 100 else 0
//! count(village in villages: village >= 50000)
//! ```

use crate::{
    number::Exact,
    value::{YearMonth, parse_day},
};
use time::Date;

/// A part of a formula, with where it begins, in bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub at: usize,
    pub what: Expression,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Number(Exact),
    Bool(bool),
    Word(String),
    Day(Date),
    Month(YearMonth),
    Nothing,
    Name(String),
    Field(Box<Node>, String),
    List(Vec<Node>),
    Negative(Box<Node>),
    Not(Box<Node>),
    Two(Box<Node>, Operator, Box<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    Call(String, Vec<Node>),
    /// `count(x in list: ..)`.
    Each {
        function: String,
        item: String,
        list: Box<Node>,
        body: Box<Node>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Different,
    In,
    Plus,
    Minus,
    Times,
    Over,
}

/// Why a formula can't be read, and where, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub at: usize,
    pub problem: String,
}

/// Reads a formula.
///
/// # Errors
/// The first place that is none.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let tokens = tokens(text)?;
    if let Some((at, _)) = tokens.get(LONGEST) {
        let problem = "the formula is too long: name parts of it".to_owned();
        return Err(SyntaxError { at: *at, problem });
    }
    let mut parser = Parser {
        tokens,
        next: 0,
        depth: 0,
        end: text.len(),
    };
    let node = parser.expression()?;
    match parser.peek() {
        None => Ok(node),
        Some(token) => Err(parser.error(format!("{} is one too many", token.shown()))),
    }
}

/// How many words and signs a formula may have.
const LONGEST: usize = 400;
/// How deep a formula may be.
const DEEPEST: usize = 40;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(Exact),
    Day(Date),
    Month(YearMonth),
    Word(String),
    Name(String),
    Sign(&'static str),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Token::Name(name) => format!("`{name}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Word(word) => format!("'{word}'"),
            Token::Number(_) | Token::Day(_) | Token::Month(_) => "this value".to_owned(),
        }
    }
}

/// Longer ones first.
const SIGNS: [&str; 17] = [
    "<=", ">=", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", ",", ":", "%",
];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, SyntaxError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (length, token) = token(rest, first).ok_or_else(|| SyntaxError {
            at,
            problem: no_meaning(first),
        })?;
        found.push((at, token));
        at += length;
    }
    Ok(found)
}

/// What is typed in a Chinese text and looks alike is told as what it is.
fn no_meaning(sign: char) -> String {
    const WIDE: [(char, char); 10] = [
        ('（', '('),
        ('）', ')'),
        ('，', ','),
        ('：', ':'),
        ('＋', '+'),
        ('－', '-'),
        ('＊', '*'),
        ('＝', '='),
        ('‘', '\''),
        ('’', '\''),
    ];
    match WIDE.iter().find(|(wide, _)| *wide == sign) {
        Some((_, narrow)) => format!("`{sign}` is a sign of Chinese text: write `{narrow}`"),
        None => format!("`{sign}` has no meaning here"),
    }
}

fn token(rest: &str, first: char) -> Option<(usize, Token)> {
    let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    if first.is_ascii_digit() {
        return number(rest);
    }
    if first.is_alphabetic() {
        let length = run(|c| c.is_alphanumeric() || c == '_');
        return Some((length, Token::Name(rest[..length].to_owned())));
    }
    if first == '\'' {
        let length = rest[1..].find('\'')?;
        return Some((length + 2, Token::Word(rest[1..=length].to_owned())));
    }
    if first == '.' {
        return Some((1, Token::Sign(".")));
    }
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
    Some((sign.len(), Token::Sign(sign)))
}

/// A day, a month, or a number.
fn number(rest: &str) -> Option<(usize, Token)> {
    let dashed = rest
        .find(|c: char| !c.is_ascii_digit() && c != '-')
        .unwrap_or(rest.len());
    if let Some(day) = parse_day(&rest[..dashed]) {
        return Some((dashed, Token::Day(day)));
    }
    if let Some(month) = YearMonth::parse(&rest[..dashed]) {
        return Some((dashed, Token::Month(month)));
    }
    let digits = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    Some((digits, Token::Number(Exact::decimal(&rest[..digits])?)))
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    end: usize,
}

/// The operators by how strongly they bind, weakest first.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[
        ("<", Operator::Less),
        ("<=", Operator::AtMost),
        (">", Operator::More),
        (">=", Operator::AtLeast),
        ("=", Operator::Equal),
        ("!=", Operator::Different),
        ("in", Operator::In),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::Over)],
];

/// Where `not` stands: what it denies may be compared, not joined.
const NOT_ABOVE: usize = 2;

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }
    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(at, _)| *at)
    }
    fn error(&self, problem: impl Into<String>) -> SyntaxError {
        SyntaxError {
            at: self.at(),
            problem: problem.into(),
        }
    }
    fn is(&self, word: &str) -> bool {
        match self.peek() {
            Some(Token::Sign(sign)) => *sign == word,
            Some(Token::Name(name)) => name == word,
            _ => false,
        }
    }
    fn take(&mut self, word: &str) -> bool {
        let is = self.is(word);
        self.next += usize::from(is);
        is
    }
    fn expect(&mut self, word: &str) -> Result<(), SyntaxError> {
        match self.take(word) {
            true => Ok(()),
            false => Err(self.error(format!("expected `{word}`"))),
        }
    }
    fn name(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.error("expected a name")),
        }
    }

    /// What can stand in itself comes through here.
    fn deeper(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<Node, SyntaxError>,
    ) -> Result<Node, SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("the formula is too deep: name parts of it"));
        }
        let node = part(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn expression(&mut self) -> Result<Node, SyntaxError> {
        self.deeper(Parser::whole)
    }

    fn whole(&mut self) -> Result<Node, SyntaxError> {
        let at = self.at();
        if !self.take("if") {
            return self.level(0);
        }
        let condition = self.expression()?;
        self.expect("then")?;
        let one = self.expression()?;
        self.expect("else")?;
        let other = self.expression()?;
        let what = Expression::If(condition.into(), one.into(), other.into());
        Ok(Node { at, what })
    }

    fn level(&mut self, level: usize) -> Result<Node, SyntaxError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.single();
        };
        let at = self.at();
        if level == NOT_ABOVE && self.take("not") {
            let denied = self.deeper(|parser| parser.level(level))?;
            return Ok(Node {
                at,
                what: Expression::Not(denied.into()),
            });
        }
        let mut left = self.level(level + 1)?;
        while let Some((word, operator)) = operators.iter().find(|(word, _)| self.is(word)) {
            self.expect(word)?;
            let right = self.level(level + 1)?;
            let what = Expression::Two(left.into(), *operator, right.into());
            left = Node { at, what };
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Node, SyntaxError> {
        let at = self.at();
        if self.take("-") {
            let what = Expression::Negative(self.deeper(Parser::single)?.into());
            return Ok(Node { at, what });
        }
        let mut node = Node {
            at,
            what: self.primary()?,
        };
        loop {
            if self.take(".") {
                let field = self.name()?;
                node = Node {
                    at,
                    what: Expression::Field(node.into(), field),
                };
            } else if self.take("%") {
                let hundred = Node {
                    at,
                    what: Expression::Number(Exact::whole(100)),
                };
                node = Node {
                    at,
                    what: Expression::Two(node.into(), Operator::Over, hundred.into()),
                };
            } else {
                return Ok(node);
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, SyntaxError> {
        let Some(token) = self.peek().cloned() else {
            return Err(self.error("the formula ends too soon"));
        };
        if self.take("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner.what);
        }
        if self.take("[") {
            return Ok(Expression::List(self.items("]")?));
        }
        let simple = match token {
            Token::Number(number) => Expression::Number(number),
            Token::Day(day) => Expression::Day(day),
            Token::Month(month) => Expression::Month(month),
            Token::Word(word) => Expression::Word(word),
            Token::Name(name) => return self.named(&name),
            Token::Sign(sign) => {
                return Err(self.error(format!("expected a value before `{sign}`")));
            }
        };
        self.next += 1;
        Ok(simple)
    }

    fn named(&mut self, name: &str) -> Result<Expression, SyntaxError> {
        if ["then", "else", "and", "or", "in", "if"].contains(&name) {
            return Err(self.error(format!("expected a value before `{name}`")));
        }
        self.next += 1;
        match name {
            "true" => return Ok(Expression::Bool(true)),
            "false" => return Ok(Expression::Bool(false)),
            "none" => return Ok(Expression::Nothing),
            _ if !self.take("(") => return Ok(Expression::Name(name.to_owned())),
            _ => {}
        }
        let each =
            matches!(self.tokens.get(self.next + 1), Some((_, Token::Name(word))) if word == "in");
        if !(each && self.colon_follows()) {
            return Ok(Expression::Call(name.to_owned(), self.items(")")?));
        }
        let item = self.name()?;
        self.expect("in")?;
        let list = self.expression()?;
        self.expect(":")?;
        let body = self.expression()?;
        self.expect(")")?;
        let function = name.to_owned();
        Ok(Expression::Each {
            function,
            item,
            list: list.into(),
            body: body.into(),
        })
    }

    /// Whether a colon comes before the parenthesis at hand closes.
    fn colon_follows(&self) -> bool {
        let mut open = 0_usize;
        for (_, token) in &self.tokens[self.next..] {
            match token {
                Token::Sign("(" | "[") => open += 1,
                Token::Sign(")" | "]") if open == 0 => return false,
                Token::Sign(")" | "]") => open -= 1,
                Token::Sign(":") if open == 0 => return true,
                _ => {}
            }
        }
        false
    }

    fn items(&mut self, end: &str) -> Result<Vec<Node>, SyntaxError> {
        let mut items = Vec::new();
        if self.take(end) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if self.take(end) {
                return Ok(items);
            }
            if !self.take(",") {
                return Err(self.error(format!("expected `,` or `{end}`")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let error = parse(text).expect_err(text);
        format!("{}: {}", error.at, error.problem)
    }

    #[test]
    fn what_is_no_formula_says_where() {
        assert_eq!(problem("1 +"), "3: the formula ends too soon");
        assert_eq!(problem("(1 + 2"), "6: expected `)`");
        assert_eq!(problem("1 2"), "2: this value is one too many");
        assert_eq!(problem("if a then b"), "11: expected `else`");
        assert_eq!(problem("a ; b"), "2: `;` has no meaning here");
        assert_eq!(problem("then"), "0: expected a value before `then`");
        assert_eq!(
            problem(&"(".repeat(60)),
            "40: the formula is too deep: name parts of it"
        );
        let deep = "the formula is too deep: name parts of it";
        assert!(problem(&"-".repeat(60)).ends_with(deep));
        assert!(problem(&"not ".repeat(60)).ends_with(deep));
        let long = format!("1{}", "+1".repeat(100_000));
        assert_eq!(
            problem(&long),
            "400: the formula is too long: name parts of it"
        );
        assert_eq!(problem("1e3"), "1: `e3` is one too many");
    }

    #[test]
    fn what_binds_stronger_comes_first() {
        let with = "((1 + (2 * 3)) = 7) and (not ((a = b))) or c";
        let without = "1 + 2 * 3 = 7 and not a = b or c";
        let shape = |text: &str| {
            let shown = format!("{:?}", parse(text).expect("a formula").what);
            let mut words: Vec<&str> = shown.split("at: ").collect();
            for word in &mut words {
                *word = word.trim_start_matches(|c: char| c.is_ascii_digit());
            }
            words.concat()
        };
        assert_eq!(shape(with), shape(without));
    }
}
