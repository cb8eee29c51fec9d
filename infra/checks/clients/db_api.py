"""What both Python clients do through the interface that they share (DB-API 2.0)."""

from checks import LONG, SERVER, TYPES, definition, expected_rows, expected_text, literal_rows, python_value, text_of, write_dump

WRONG = "Not-The-Password-1"


class DbApi:
    """The checks, for one client. `connect` takes keywords: password, database, autocommit."""

    def __init__(self, checks, connect, binary=bytes):
        self.checks = checks
        self.connect = connect
        self.binary = binary
        self.table = f"dbo.ClientCheck_{checks.client.replace('-', '_')}"
        self.connection = connect(autocommit=True)

    def read(self, text, *parameters):
        """Column names and rows of the first result set."""
        cursor = self.connection.cursor()
        cursor.execute(text, *parameters)
        names = [column[0] for column in cursor.description]
        return names, [tuple(row) for row in cursor.fetchall()]

    def value(self, text, *parameters):
        return self.read(text, *parameters)[1][0][0]

    def fails(self, text):
        """To the end of the answer: an error may come after the description of the columns."""
        cursor = self.connection.cursor()
        cursor.execute(text)
        if cursor.description:
            cursor.fetchall()

    def run(self, text, *parameters):
        cursor = self.connection.cursor()
        cursor.execute(text, *parameters)
        return cursor.rowcount

    def logins(self):
        self.checks.refused("a wrong password is 18456", lambda: self.connect(password=WRONG), *self.login_failed)
        self.checks.refused("an unknown database is 4060", lambda: self.connect(database="Nowhere"), *self.no_database)
        name = self.value("SELECT DB_NAME()")
        self.checks.equal("the login leads to the database", name, SERVER["database"])

    def dump(self):
        self.checks.equal("at least 30 tables are read", write_dump(self.checks.client, self.read) >= 30, True)

    def types(self):
        self.run(definition(self.table))
        for text in literal_rows(self.table):
            self.run(text)
        cursor = self.connection.cursor()
        cursor.execute(f"SELECT * FROM {self.table} ORDER BY Id")
        columns = cursor.description[1:]
        rows = [[text_of(value) for value in row[1:]] for row in cursor.fetchall()]
        for place, expected in enumerate(expected_rows()):
            for column, found, wanted in zip(columns, rows[place], expected, strict=True):
                self.checks.equal(f"row {place + 1}, {column[0]} is {str(wanted)[:40]}", found, wanted)
        for column, kind in zip(columns, TYPES + TYPES, strict=True):
            self.checks.equal(f"{column[0]} is told as {kind['declared']}", self.told(column), self.wanted(kind, column))

    def parameters(self):
        names = ", ".join(kind["name"] for kind in TYPES)
        places = ", ".join("%s" for _ in TYPES)
        for row in (0, 1):
            values = tuple(self.sendable(kind, row) for kind in TYPES)
            self.run(f"INSERT INTO {self.table} ({names}) VALUES ({places})", values)
            last = self.read(f"SELECT TOP (1) {names} FROM {self.table} ORDER BY Id DESC")[1][0]
            for kind, value in zip(TYPES, last, strict=True):
                wanted = self.written(kind, row)
                self.checks.equal(f"the parameter {kind['name']} is stored as sent ({wanted[:40]})", text_of(value), wanted)
        self.run(f"INSERT INTO {self.table} ({names}) VALUES ({places})", (None,) * len(TYPES))
        last = self.read(f"SELECT TOP (1) {names} FROM {self.table} ORDER BY Id DESC")[1][0]
        self.checks.equal("parameters without a value are stored as NULL", set(last), {None})
        for kind in TYPES:
            text = f"SELECT COUNT(*) FROM {self.table} WHERE {kind['name']} = %s"
            count = self.value(text, (self.sendable(kind, 0),))
            # The literal's row and its own, unless the client cannot send what the literal says.
            rows = 2 if self.written(kind, 0) == expected_text(kind["kind"], kind["values"][0][1]) else 1
            self.checks.equal(f"the parameter {kind['name']} finds what it wrote", count, rows)

    def written(self, kind, row):
        """What stands in the table after this client has sent this value."""
        return expected_text(kind["kind"], kind["values"][row][1])

    def sendable(self, kind, row):
        value = python_value(kind["kind"], kind["values"][row][1])
        return self.binary(value) if isinstance(value, bytes) else value

    def results(self):
        cursor = self.connection.cursor()
        cursor.execute(f"SELECT 1 AS a; SELECT 2 AS b, N'x' AS c; UPDATE {self.table} SET Number = 3 WHERE Id <= 2")
        self.checks.equal("the first result set", [tuple(row) for row in cursor.fetchall()], [(1,)])
        self.checks.equal("a second one follows", bool(cursor.nextset()), True)
        self.checks.equal("the second result set", [tuple(row) for row in cursor.fetchall()], [(2, "x")])
        self.checks.equal("an UPDATE tells its count", self.run(f"UPDATE {self.table} SET Number = 4 WHERE Id <= 2"), 2)
        self.checks.equal("a DELETE of nothing tells 0", self.run(f"DELETE FROM {self.table} WHERE Id = -1"), 0)

    def transactions(self):
        other = self.connect(autocommit=False)
        cursor = other.cursor()
        cursor.execute(f"UPDATE {self.table} SET Number = 11 WHERE Id = 1")
        self.run("SET LOCK_TIMEOUT 0")
        busy = lambda: self.value(f"SELECT Number FROM {self.table} WHERE Id = 1")  # noqa: E731
        self.checks.refused("a second connection does not read what is not committed", busy, 1222, "Lock request time out")
        other.rollback()
        self.checks.equal("a rollback takes it back", busy(), 4)
        cursor = other.cursor()
        cursor.execute(f"UPDATE {self.table} SET Number = 12 WHERE Id = 1")
        other.commit()
        self.checks.equal("a commit shows it to others", busy(), 12)
        other.close()
        self.run("SET LOCK_TIMEOUT -1")
        for level in ("READ COMMITTED", "READ UNCOMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE", "READ COMMITTED"):
            self.run(f"SET TRANSACTION ISOLATION LEVEL {level}")
        self.run("SET IMPLICIT_TRANSACTIONS ON")
        self.run(f"UPDATE {self.table} SET Number = 13 WHERE Id = 1")
        self.checks.equal("an implicit transaction is open", self.value("SELECT @@TRANCOUNT"), 1)
        self.run("IF @@TRANCOUNT > 0 ROLLBACK TRAN")
        self.run("SET IMPLICIT_TRANSACTIONS OFF")
        self.checks.equal("it is undone", busy(), 12)

    def errors(self):
        for what, text, number, words in [
            ("an unknown table is 208", "\n\nSELECT * FROM dbo.Nowhere", 208, "Invalid object name 'dbo.Nowhere'"),
            ("a division by zero is 8134", "\n\nSELECT 1 / 0", 8134, "Divide by zero"),
            ("a key given twice is 2627", f"INSERT INTO {self.table}_Key VALUES (1), (1)", 2627, "PRIMARY KEY"),
            ("THROW gives its own number", "THROW 50123, N'as asked: ä', 1", 50123, "as asked"),
            ("bulk load is refused by its name", "INSERT BULK dbo.T (Id int)", 40000, "INSERT BULK"),
            ("SET FMTONLY ON is refused by its name", "SET FMTONLY ON", 40000, "FMTONLY"),
        ]:
            if number == 2627:
                self.run(f"CREATE TABLE {self.table}_Key (Id int NOT NULL PRIMARY KEY)")
            self.checks.refused(what, lambda text=text: self.fails(text), number, words)
        self.checks.equal("the connection goes on after errors", self.value("SELECT 1 AS a"), 1)

    def procedure(self):
        """A procedure that answers with OUTPUT parameters and a status, and one that answers with rows."""
        self.run(f"CREATE PROCEDURE {self.table}_Add (@a int, @b int OUTPUT, @c nvarchar(20) OUTPUT) AS "
                 "BEGIN SET NOCOUNT ON; SET @b = @a + 41; SET @c = @c + N'!😀'; RETURN 7 END")
        self.run(f"CREATE PROCEDURE {self.table}_Rows (@a int) AS BEGIN SELECT @a AS a, N'row' AS b; RETURN 3 END")
        cursor = self.connection.cursor()
        cursor.callproc(f"{self.table}_Rows", (5,))
        self.checks.equal("a procedure's rows", [tuple(row) for row in cursor.fetchall()], [(5, "row")])

    def many(self):
        self.run(f"CREATE TABLE {self.table}_Many (Id int NOT NULL PRIMARY KEY, Words nvarchar(max) NULL)")
        rows = [(number, f"row {number} ü") for number in range(1_000)]
        self.connection.cursor().executemany(f"INSERT INTO {self.table}_Many (Id, Words) VALUES (%s, %s)", rows)
        read = self.read(f"SELECT Id, Words FROM {self.table}_Many ORDER BY Id")[1]
        self.checks.equal("1,000 rows are written and read", read == rows, True)
        self.run(f"INSERT INTO {self.table}_Many (Id, Words) VALUES (1000, %s)", (LONG,))
        read = self.value(f"SELECT Words FROM {self.table}_Many WHERE Id = 1000")
        self.checks.equal(f"{len(LONG)} characters with emoji go both ways", read == LONG, True)
        self.checks.equal("LEN counts UTF-16 units", self.value(f"SELECT LEN(Words + N'.') FROM {self.table}_Many WHERE Id = 1000"),
                          len(LONG.encode("utf-16-le")) // 2 + 1)

    def all(self, *more):
        for step in (self.logins, self.dump, self.types, self.parameters, self.results, self.transactions, self.errors,
                     self.procedure, self.many, *more):
            self.checks.step(step.__name__, step)
        self.connection.close()
        self.checks.end()
