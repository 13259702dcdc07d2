//! The parser of executable documents, by the September 2025 edition of the specification: async-graphql's own parser
//! knows an older one. It refuses what async-graphql's tree cannot represent, such as a repeated field of an input
//! object.

mod error;
mod lexer;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::str::FromStr as _;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    BaseType, Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, FragmentSpread,
    InlineFragment, OperationDefinition, OperationType, Selection, SelectionSet, Type, TypeCondition,
    VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::{ConstValue, Number, Value};
use registry::error::Code;

use error::SyntaxError;
use lexer::{Lexer, Token};

/// The deepest nesting of braces and brackets. It protects the stack.
const DEEPEST: usize = 100;
/// The longest name, in letters. It bounds response keys, which are repeated for each entry of a list.
const LONGEST_NAME: usize = 128;

type Result<T> = std::result::Result<T, SyntaxError>;

/// Parses a document.
pub(crate) fn parse(text: &str) -> Result<ExecutableDocument> {
    Parser::new(text)?.document()
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token<'a>,
    at: Pos,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self> {
        let mut lexer = Lexer::new(text);
        let (token, at) = lexer.next()?;
        Ok(Self { lexer, token, at, depth: 0 })
    }

    fn document(&mut self) -> Result<ExecutableDocument> {
        let mut anonymous = None;
        let mut named = std::collections::HashMap::new();
        let mut fragments = std::collections::HashMap::new();
        let mut first = true;
        while first || self.token != Token::End {
            first = false;
            let at = self.at;
            let is_described = self.description()?;
            match self.token {
                Token::Name("fragment") => {
                    let (name, fragment) = self.fragment()?;
                    if fragments.contains_key(&name) {
                        return Err(SyntaxError::invalid(format!("there are two fragments `{name}`"), at));
                    }
                    fragments.insert(name, Positioned::new(fragment, at));
                }
                Token::Sign('{') if is_described => {
                    return Err(SyntaxError::new(
                        "a description must precede `query`, `mutation`, `subscription` or `fragment`",
                        at,
                    ));
                }
                _ => {
                    let (name, operation) = self.operation()?;
                    let operation = Positioned::new(operation, at);
                    let is_second = match name {
                        None => anonymous.replace(operation).is_some(),
                        Some(name) if named.contains_key(&name) => {
                            return Err(SyntaxError::invalid(format!("there are two operations `{name}`"), at));
                        }
                        Some(name) => {
                            named.insert(name, operation);
                            false
                        }
                    };
                    if is_second || anonymous.is_some() && !named.is_empty() {
                        return Err(SyntaxError::invalid("an anonymous operation must be the only operation", at));
                    }
                }
            }
        }
        let operations = match anonymous {
            Some(operation) => DocumentOperations::Single(operation),
            None if named.is_empty() => return Err(SyntaxError::invalid("the document has no operation", self.at)),
            None => DocumentOperations::Multiple(named),
        };
        Ok(ExecutableDocument { operations, fragments })
    }

    /// Skips a description. Returns whether there was one.
    fn description(&mut self) -> Result<bool> {
        let is_there = matches!(self.token, Token::Text(_));
        if is_there {
            self.next()?;
        }
        Ok(is_there)
    }

    fn operation(&mut self) -> Result<(Option<Name>, OperationDefinition)> {
        let ty = match self.token {
            Token::Sign('{') => {
                let selection_set = self.selection_set()?;
                let operation = OperationDefinition {
                    ty: OperationType::Query,
                    variable_definitions: Vec::new(),
                    directives: Vec::new(),
                    selection_set,
                };
                return Ok((None, operation));
            }
            Token::Name("query") => OperationType::Query,
            Token::Name("mutation") => OperationType::Mutation,
            Token::Name("subscription") => OperationType::Subscription,
            _ => return Err(self.expected("an operation or a fragment")),
        };
        self.next()?;
        let name = if matches!(self.token, Token::Name(_)) { Some(self.name()?.node) } else { None };
        let variable_definitions =
            if self.token == Token::Sign('(') { self.some('(', ')', Self::variable_definition)? } else { Vec::new() };
        let directives = self.directives()?;
        let selection_set = self.selection_set()?;
        Ok((name, OperationDefinition { ty, variable_definitions, directives, selection_set }))
    }

    fn variable_definition(&mut self) -> Result<Positioned<VariableDefinition>> {
        self.description()?;
        let at = self.at;
        self.sign('$')?;
        let name = self.name()?;
        self.sign(':')?;
        let type_at = self.at;
        let var_type = Positioned::new(self.ty()?, type_at);
        let default_value = if self.take('=')? { Some(self.constant()?) } else { None };
        let directives_at = self.at;
        let directives = self.directives()?;
        if directives.iter().flat_map(|directive| &directive.node.arguments).any(|(_, value)| has_variable(&value.node))
        {
            return Err(SyntaxError::new("a directive of a variable takes no variables", directives_at));
        }
        Ok(Positioned::new(VariableDefinition { name, var_type, directives, default_value }, at))
    }

    fn ty(&mut self) -> Result<Type> {
        let base = if self.take('[')? {
            let item = self.nested(Self::ty)?;
            self.sign(']')?;
            BaseType::List(Box::new(item))
        } else {
            BaseType::Named(self.name()?.node)
        };
        let nullable = !self.take('!')?;
        Ok(Type { base, nullable })
    }

    fn fragment(&mut self) -> Result<(Name, FragmentDefinition)> {
        self.next()?;
        if self.token == Token::Name("on") {
            return Err(self.expected("the name of a fragment"));
        }
        let name = self.name()?.node;
        if self.token != Token::Name("on") {
            return Err(self.expected("`on`"));
        }
        let type_condition = self.type_condition()?;
        let directives = self.directives()?;
        let selection_set = self.selection_set()?;
        Ok((name, FragmentDefinition { type_condition, directives, selection_set }))
    }

    /// The type condition after `on`.
    fn type_condition(&mut self) -> Result<Positioned<TypeCondition>> {
        let at = self.at;
        self.next()?;
        let on = self.name()?;
        Ok(Positioned::new(TypeCondition { on }, at))
    }

    fn selection_set(&mut self) -> Result<Positioned<SelectionSet>> {
        let at = self.at;
        let items = self.nested(|parser| parser.some('{', '}', Self::selection))?;
        Ok(Positioned::new(SelectionSet { items }, at))
    }

    fn selection(&mut self) -> Result<Positioned<Selection>> {
        let at = self.at;
        let selection = if self.token == Token::Spread {
            self.next()?;
            match self.token {
                Token::Name("on") => self.inline_fragment(true)?,
                Token::Name(_) => {
                    let fragment_name = self.name()?;
                    let directives = self.directives()?;
                    Selection::FragmentSpread(Positioned::new(FragmentSpread { fragment_name, directives }, at))
                }
                _ => self.inline_fragment(false)?,
            }
        } else {
            Selection::Field(Positioned::new(self.field()?, at))
        };
        Ok(Positioned::new(selection, at))
    }

    fn inline_fragment(&mut self, is_conditional: bool) -> Result<Selection> {
        let at = self.at;
        let type_condition = if is_conditional { Some(self.type_condition()?) } else { None };
        let directives = self.directives()?;
        let selection_set = self.selection_set()?;
        Ok(Selection::InlineFragment(Positioned::new(InlineFragment { type_condition, directives, selection_set }, at)))
    }

    fn field(&mut self) -> Result<Field> {
        let first = self.name()?;
        let (alias, name) = if self.take(':')? { (Some(first), self.name()?) } else { (None, first) };
        let arguments = self.arguments()?;
        let directives = self.directives()?;
        let selection_set = if self.token == Token::Sign('{') {
            self.selection_set()?
        } else {
            Positioned::new(SelectionSet::default(), self.at)
        };
        Ok(Field { alias, name, arguments, directives, selection_set })
    }

    fn arguments(&mut self) -> Result<Vec<(Positioned<Name>, Positioned<Value>)>> {
        if self.token != Token::Sign('(') {
            return Ok(Vec::new());
        }
        self.some('(', ')', |parser| {
            let name = parser.name()?;
            parser.sign(':')?;
            let at = parser.at;
            Ok((name, Positioned::new(parser.value()?, at)))
        })
    }

    fn directives(&mut self) -> Result<Vec<Positioned<Directive>>> {
        let mut directives = Vec::new();
        while self.token == Token::Sign('@') {
            let at = self.at;
            self.next()?;
            let name = self.name()?;
            let arguments = self.arguments()?;
            directives.push(Positioned::new(Directive { name, arguments }, at));
        }
        Ok(directives)
    }

    fn constant(&mut self) -> Result<Positioned<ConstValue>> {
        let at = self.at;
        let value = self.value()?.into_const();
        let value = value.ok_or_else(|| SyntaxError::new("a default value has no variables", at))?;
        Ok(Positioned::new(value, at))
    }

    fn value(&mut self) -> Result<Value> {
        let at = self.at;
        let value = match std::mem::replace(&mut self.token, Token::End) {
            Token::Sign('$') => {
                self.next()?;
                return Ok(Value::Variable(self.name()?.node));
            }
            Token::Sign('[') => {
                self.next()?;
                let mut items = Vec::new();
                while self.token != Token::Sign(']') {
                    items.push(self.nested(Self::value)?);
                }
                Value::List(items)
            }
            Token::Sign('{') => {
                self.next()?;
                let mut fields = IndexMap::new();
                while self.token != Token::Sign('}') {
                    let name = self.name()?;
                    self.sign(':')?;
                    let value = self.nested(Self::value)?;
                    if fields.insert(name.node.clone(), value).is_some() {
                        return Err(SyntaxError::invalid(
                            format!("an input object has the field `{}` twice", name.node),
                            name.pos,
                        ));
                    }
                }
                Value::Object(fields)
            }
            Token::Int(number) | Token::Float(number) => {
                // Minus zero is an integer.
                let integer = number.parse::<i64>().map(Number::from);
                Value::Number(
                    integer
                        .or_else(|_| Number::from_str(number))
                        .map_err(|_| SyntaxError::new("a number is too large", at))?,
                )
            }
            Token::Text(text) => Value::String(text.into_owned()),
            Token::Name("true") => Value::Boolean(true),
            Token::Name("false") => Value::Boolean(false),
            Token::Name("null") => Value::Null,
            Token::Name(name) => Value::Enum(Name::new(name)),
            other => {
                self.token = other;
                return Err(self.expected("a value"));
            }
        };
        self.next()?;
        Ok(value)
    }

    fn name(&mut self) -> Result<Positioned<Name>> {
        let Token::Name(name) = self.token else { return Err(self.expected("a name")) };
        let at = self.at;
        if name.len() > LONGEST_NAME {
            let message = format!("a name in the document is longer than {LONGEST_NAME} letters");
            return Err(SyntaxError { code: Code::TooCostly, message, at });
        }
        self.next()?;
        Ok(Positioned::new(Name::new(name), at))
    }

    fn next(&mut self) -> Result<()> {
        (self.token, self.at) = self.lexer.next()?;
        Ok(())
    }

    fn take(&mut self, sign: char) -> Result<bool> {
        let is_there = self.token == Token::Sign(sign);
        if is_there {
            self.next()?;
        }
        Ok(is_there)
    }

    fn sign(&mut self, sign: char) -> Result<()> {
        if self.take(sign)? { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) }
    }

    /// One or more items between two signs.
    fn some<T>(&mut self, open: char, close: char, read: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.sign(open)?;
        let mut all = vec![read(self)?];
        while !self.take(close)? {
            all.push(read(self)?);
        }
        Ok(all)
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEEPEST {
            let message = format!("the document is nested more than {DEEPEST} levels deep");
            return Err(SyntaxError { code: Code::TooCostly, message, at: self.at });
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn expected(&self, what: &str) -> SyntaxError {
        SyntaxError::new(format!("expected {what}, found {}", self.token.shown()), self.at)
    }
}

fn has_variable(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variable),
        Value::Object(fields) => fields.values().any(has_variable),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => {
            false
        }
    }
}

/// Directives that are repeated in one place. None of ours is repeatable (5.7.3).
pub(crate) fn repeated(directives: &[Positioned<Directive>]) -> impl Iterator<Item = &Positioned<Directive>> {
    let mut seen = HashSet::new();
    directives.iter().filter(move |directive| !seen.insert(directive.node.name.node.as_str()))
}
