//! Changes stored data without a journal entry.

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};

use crate::database::Engine;

/// Changes stored data directly.
#[derive(Debug)]
pub struct Forger {
    engine: Engine,
    db: DatabaseConnection,
}

/// A value of a row, and its replacement, both as SQL.
#[derive(Debug, Clone)]
pub struct Cell {
    pub table: String,
    pub column: String,
    was: String,
    becomes: String,
    /// The primary key of the row.
    row: Vec<(String, String)>,
}

struct Column {
    name: String,
    is_text: bool,
    is_boolean: bool,
    is_key: bool,
}

impl Forger {
    pub(crate) async fn new(engine: Engine, db: DatabaseConnection) -> Self {
        let forger = Self { engine, db };
        match engine {
            Engine::Sqlite => {
                forger.run("PRAGMA foreign_keys = OFF").await;
                for trigger in forger.texts("SELECT name FROM sqlite_master WHERE type = 'trigger'").await {
                    forger.run(&format!("DROP TRIGGER {trigger}")).await;
                }
            }
            Engine::PostgreSql => {
                forger.run("SET session_replication_role = replica").await;
            }
        }
        forger
    }

    /// All values of all rows of all tables.
    pub async fn cells(&self) -> Vec<Cell> {
        let tables = match self.engine {
            Engine::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            Engine::PostgreSql => {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
            }
        };
        let mut cells = Vec::new();
        for table in self.texts(tables).await {
            let columns = self.columns(&table).await;
            let values: Vec<_> = columns.iter().map(|column| format!("CAST({} AS text)", column.name)).collect();
            for row in self.rows(&format!("SELECT {} FROM {table}", values.join(", "))).await {
                let values: Vec<Option<String>> =
                    (0..columns.len()).map(|i| row.try_get_by_index(i).expect("a text")).collect();
                let literals: Vec<_> =
                    columns.iter().zip(&values).map(|(column, value)| column.literal(value.as_deref())).collect();
                let row: Vec<_> = columns
                    .iter()
                    .zip(&literals)
                    .filter(|(column, _)| column.is_key)
                    .map(|(column, literal)| (column.name.clone(), literal.clone()))
                    .collect();
                for ((column, value), was) in columns.iter().zip(&values).zip(literals) {
                    let becomes = column.forged(value.as_deref());
                    cells.push(Cell {
                        table: table.clone(),
                        column: column.name.clone(),
                        was,
                        becomes,
                        row: row.clone(),
                    });
                }
            }
        }
        cells
    }

    /// Changes a cell; `false`: the database refuses it.
    pub async fn change(&self, cell: &Cell) -> bool {
        self.db
            .execute_unprepared(&cell.update(&cell.becomes, &cell.was))
            .await
            .is_ok_and(|done| done.rows_affected() == 1)
    }

    /// Restores the old value.
    pub async fn restore(&self, cell: &Cell) {
        self.run(&cell.update(&cell.was, &cell.becomes)).await;
    }

    /// Deletes the newest row of a table; `false`: the database refuses it.
    pub async fn delete_last(&self, table: &str) -> bool {
        let key = if table == "journal" { "revision" } else { "id" };
        let statement = format!("DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})");
        self.db.execute_unprepared(&statement).await.is_ok_and(|done| done.rows_affected() == 1)
    }

    async fn columns(&self, table: &str) -> Vec<Column> {
        let statement = match self.engine {
            Engine::Sqlite => {
                format!("SELECT name, lower(type), pk > 0 FROM pragma_table_info('{table}') ORDER BY cid")
            }
            Engine::PostgreSql => format!(
                "SELECT c.column_name::text, c.data_type::text, EXISTS (SELECT 1 FROM information_schema.table_constraints t \
                 JOIN information_schema.key_column_usage k USING (constraint_name, table_name) \
                 WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_name = c.table_name AND k.column_name = c.column_name) \
                 FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name = '{table}' ORDER BY c.ordinal_position"
            ),
        };
        // Digests and contents are binary and cannot be written as SQL text here.
        let column = |row: QueryResult| {
            let kind: String = row.try_get_by_index(1).expect("a type");
            if kind.contains("blob") || kind.contains("bytea") {
                return None;
            }
            let name = row.try_get_by_index(0).expect("a name");
            let is_key = row.try_get_by_index(2).expect("yes or no");
            Some(Column {
                name,
                is_text: kind.contains("text") || kind.contains("char"),
                is_boolean: kind.contains("bool"),
                is_key,
            })
        };
        self.rows(&statement).await.into_iter().filter_map(column).collect()
    }

    async fn texts(&self, statement: &str) -> Vec<String> {
        self.rows(statement).await.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    }

    async fn rows(&self, statement: &str) -> Vec<QueryResult> {
        self.db.query_all_raw(Statement::from_string(self.db.get_database_backend(), statement)).await.expect(statement)
    }

    async fn run(&self, statement: &str) {
        self.db.execute_unprepared(statement).await.expect(statement);
    }
}

impl Cell {
    fn update(&self, to: &str, from: &str) -> String {
        let here: Vec<_> = self
            .row
            .iter()
            .map(|(column, value)| format!("{column} = {}", if *column == self.column { from } else { value }))
            .collect();
        format!("UPDATE {} SET {} = {to} WHERE {}", self.table, self.column, here.join(" AND "))
    }
}

impl Column {
    fn literal(&self, value: Option<&str>) -> String {
        match value {
            Some(text) if self.is_text => format!("'{}'", text.replace('\'', "''")),
            Some(other) => other.to_owned(),
            None => "NULL".to_owned(),
        }
    }

    /// The value with its middle character changed; numbers are increased by one.
    fn forged(&self, value: Option<&str>) -> String {
        match value {
            Some(_) if self.is_boolean => format!("NOT {}", self.name),
            Some(text) if self.is_text => {
                let middle = text.chars().count() / 2;
                let forged: String = text
                    .chars()
                    .enumerate()
                    .map(|(i, c)| {
                        if i != middle {
                            c
                        } else if c == '7' {
                            '8'
                        } else {
                            '7'
                        }
                    })
                    .collect();
                self.literal(Some(if forged.is_empty() { "7" } else { &forged }))
            }
            Some(number) => format!("{number} + 1"),
            None if self.is_text => "'7'".to_owned(),
            None => "7".to_owned(),
        }
    }
}
