//! A genotype as text in the notation of DARTS (`genotypes.py`): `Genotype(normal=[('sep_conv_3x3', 0), ...],
//! normal_concat=[2, 3, 4, 5], reduce=[...], reduce_concat=[...])`. Reading also takes `range(2, 6)`, double
//! quotes, any white space, the fields in any order, and JSON. It is no Python: names, comments and other
//! expressions are errors.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, closest};
use crate::genotype::{Cell, CellKind, Edge, Genotype, MAX_NODES, NodeIndex};
use crate::json;
use crate::primitive::Primitive;

impl fmt::Display for Genotype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Genotype(normal=")?;
        write_cell(f, &self.normal, "normal_concat")?;
        f.write_str(", reduce=")?;
        write_cell(f, &self.reduction, "reduce_concat")?;
        f.write_str(")")
    }
}

fn write_cell(f: &mut fmt::Formatter<'_>, cell: &Cell, concat: &str) -> fmt::Result {
    for (position, (_, edge)) in cell.edges().enumerate() {
        write!(f, "{}('{}', {})", if position == 0 { "[" } else { ", " }, edge.primitive, edge.input)?;
    }
    write!(f, "], {concat}=")?;
    for (position, node) in cell.concat.iter().enumerate() {
        write!(f, "{}{node}", if position == 0 { "[" } else { ", " })?;
    }
    f.write_str("]")
}

impl FromStr for Genotype {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.trim_start().starts_with('{') {
            return json::parse(text);
        }
        let mut reader = Reader { tokens: tokens(text)?, at: 0 };
        let genotype = reader.genotype()?;
        match reader.next() {
            (Token::End, _) => Ok(genotype),
            other => Err(expected("the end of the text", &other)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Quoted(&'a str),
    Number(&'a str),
    Symbol(char),
    End,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) | Self::Number(word) => write!(f, "`{word}`"),
            Self::Quoted(word) => write!(f, "'{word}'"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
            Self::End => f.write_str("the end of the text"),
        }
    }
}

/// A token and the position of its first character, counted from 1.
type Placed<'a> = (Token<'a>, usize);

fn tokens(text: &str) -> Result<Vec<Placed<'_>>, Error> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut position = 1;
    while let Some(first) = rest.chars().next() {
        let run = |accept: fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
        let (token, bytes) = if first.is_whitespace() {
            (None, run(char::is_whitespace))
        } else if first.is_ascii_digit() {
            let end = run(|c| c.is_ascii_digit());
            (Some(Token::Number(&rest[..end])), end)
        } else if first.is_alphabetic() || first == '_' {
            let end = run(|c| c.is_alphanumeric() || c == '_');
            (Some(Token::Word(&rest[..end])), end)
        } else if first == '\'' || first == '"' {
            let Some(length) = rest[1..].find(first) else {
                return Err(Error::Syntax {
                    position: position + rest.chars().count(),
                    expected: format!("the closing quote of character {position}"),
                    found: Token::End.to_string(),
                    suggestion: None,
                });
            };
            (Some(Token::Quoted(&rest[1..=length])), length + 2)
        } else {
            (Some(Token::Symbol(first)), first.len_utf8())
        };
        found.extend(token.map(|token| (token, position)));
        position += rest[..bytes].chars().count();
        rest = &rest[bytes..];
    }
    found.push((Token::End, position));
    Ok(found)
}

fn expected(expected: impl Into<String>, (token, position): &Placed<'_>) -> Error {
    Error::Syntax {
        position: *position,
        expected: expected.into(),
        found: token.to_string(),
        suggestion: None,
    }
}

const FIELDS: [&str; 4] = ["normal", "normal_concat", "reduce", "reduce_concat"];

struct Reader<'a> {
    tokens: Vec<Placed<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Placed<'a> {
        // The last token is `End` and is never passed.
        self.tokens[self.at]
    }

    fn next(&mut self) -> Placed<'a> {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn take(&mut self, symbol: char) -> bool {
        let found = self.peek().0 == Token::Symbol(symbol);
        if found {
            self.next();
        }
        found
    }

    fn symbol(&mut self, symbol: char) -> Result<(), Error> {
        match self.next() {
            (Token::Symbol(found), _) if found == symbol => Ok(()),
            other => Err(expected(format!("`{symbol}`"), &other)),
        }
    }

    fn genotype(&mut self) -> Result<Genotype, Error> {
        match self.next() {
            (Token::Word("Genotype"), _) => self.symbol('(')?,
            other => return Err(expected("`Genotype(` or a JSON object", &other)),
        }
        let mut edges: [Option<Vec<Edge>>; 2] = [None, None];
        let mut concat: [Option<Vec<NodeIndex>>; 2] = [None, None];
        loop {
            let key = self.next();
            let missing = || {
                let absent =
                    [edges[0].is_none(), concat[0].is_none(), edges[1].is_none(), concat[1].is_none()];
                let names: Vec<String> = FIELDS
                    .iter()
                    .zip(absent)
                    .filter(|(_, absent)| *absent)
                    .map(|(name, _)| format!("`{name}=`"))
                    .collect();
                if names.is_empty() { "`)`".to_owned() } else { names.join(" or ") }
            };
            let field = match key.0 {
                Token::Word(word) => FIELDS.iter().position(|field| *field == word),
                _ => None,
            };
            match field {
                Some(field @ (0 | 2)) if edges[field / 2].is_none() => {
                    self.symbol('=')?;
                    edges[field / 2] = Some(self.list(Self::edge)?);
                }
                Some(field @ (1 | 3)) if concat[field / 2].is_none() => {
                    self.symbol('=')?;
                    concat[field / 2] = Some(self.concat()?);
                }
                _ => {
                    let suggestion = match key.0 {
                        Token::Word(word) if field.is_none() => closest(word, FIELDS),
                        _ => None,
                    };
                    let found = key.0.to_string();
                    return Err(Error::Syntax { position: key.1, expected: missing(), found, suggestion });
                }
            }
            let comma = self.take(',');
            if let [Some(normal), Some(reduction)] = &edges
                && let [Some(normal_concat), Some(reduction_concat)] = &concat
                && self.take(')')
            {
                let cell = |kind, edges: &[Edge], concat: &[NodeIndex]| {
                    Cell::from_edges(edges, concat.to_vec())
                        .map_err(|problem| Error::Cell { cell: kind, problem })
                };
                return Ok(Genotype {
                    normal: cell(CellKind::Normal, normal, normal_concat)?,
                    reduction: cell(CellKind::Reduction, reduction, reduction_concat)?,
                });
            }
            if !comma {
                let complete = edges.iter().all(Option::is_some) && concat.iter().all(Option::is_some);
                return Err(expected(if complete { "`)`" } else { "`,`" }, &self.peek()));
            }
        }
    }

    /// A list in square or round brackets; a comma may follow its last item.
    fn list<T>(&mut self, item: fn(&mut Self) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        let close = self.open("a list")?;
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(item(self)?);
            if !self.take(',') && self.peek().0 != Token::Symbol(close) {
                return Err(expected(format!("`,` or `{close}`"), &self.peek()));
            }
        }
        Ok(items)
    }

    fn open(&mut self, what: &str) -> Result<char, Error> {
        match self.next() {
            (Token::Symbol('['), _) => Ok(']'),
            (Token::Symbol('('), _) => Ok(')'),
            other => Err(expected(format!("{what} in brackets"), &other)),
        }
    }

    fn edge(&mut self) -> Result<Edge, Error> {
        let close = self.open("a pair ('primitive', node)")?;
        let primitive = match self.next() {
            (Token::Quoted(name), position) => name.parse().map_err(|_| Error::Syntax {
                position,
                expected: "a primitive".to_owned(),
                found: format!("'{name}'"),
                suggestion: closest(name, Primitive::ALL.map(Primitive::name)),
            })?,
            other => return Err(expected("a primitive in quotes", &other)),
        };
        self.symbol(',')?;
        let input = self.node()?;
        self.symbol(close)?;
        Ok(Edge { primitive, input })
    }

    fn node(&mut self) -> Result<NodeIndex, Error> {
        let token = self.next();
        let last = NodeIndex::intermediate(MAX_NODES - 1);
        match token.0 {
            Token::Number(digits) => digits.parse().ok().map(NodeIndex).filter(|node| *node <= last),
            _ => None,
        }
        .ok_or_else(|| expected(format!("a node from 0 to {last}"), &token))
    }

    fn concat(&mut self) -> Result<Vec<NodeIndex>, Error> {
        if self.peek().0 != Token::Word("range") {
            return self.list(Self::node);
        }
        self.next();
        self.symbol('(')?;
        let first = self.node()?;
        self.symbol(',')?;
        let token = self.next();
        let end = match token.0 {
            Token::Number(digits) => digits.parse::<u8>().ok().filter(|end| *end <= MAX_NODES as u8 + 2),
            _ => None,
        }
        .ok_or_else(|| expected(format!("the end of a range, at most {}", MAX_NODES + 2), &token))?;
        self.symbol(')')?;
        Ok((first.0..end).map(NodeIndex).collect())
    }
}
