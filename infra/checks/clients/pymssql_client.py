"""pymssql, which is FreeTDS, against the embedded server: parameters within the text, BEGIN TRAN as a batch, TLS unchecked."""

import pymssql
from checks import SERVER, Checks
from db_api import DbApi

ACCOUNT = {**{key: SERVER[key] for key in ("user", "password", "database")}, "port": str(SERVER["port"])}


def connect(**given):
    return pymssql.connect("127.0.0.1", **{**ACCOUNT, **given})


class Pymssql(DbApi):
    login_failed = (18456, "Login failed for user 'sa'")
    # The words of 4060 are lost between FreeTDS and pymssql.
    no_database = (18456, "server connection failed")

    def told(self, column):
        return column[1]

    def wanted(self, kind, column):
        return kind["pymssql"]

    def written(self, kind, row):
        # It writes moments into the text to the millisecond (with use_datetime2 it could not write datetime).
        text = super().written(kind, row)
        if text == "0x":
            return "0x00"
        return text.replace(".123456", ".123000") if kind["kind"] in ("moment", "offset") else text

    def sendable(self, kind, row):
        # It writes no bytes at all as '', which no varbinary takes.
        value = super().sendable(kind, row)
        return b"\x00" if value == b"" else value

    def outputs(self):
        given = (1, pymssql.output(int, 41), pymssql.output(str, "q"))
        cursor = self.connection.cursor()
        self.checks.equal("OUTPUT parameters come back", tuple(cursor.callproc(f"{self.table}_Add", given)), (1, 42, "q!😀"))
        self.checks.equal("the return status comes back", cursor.returnvalue, 7)

    def cancelled(self):
        cursor = self.connection.cursor()
        cursor.execute("WHILE 1 = 1 SELECT 1 AS a")
        self.connection._conn.cancel()
        self.checks.equal("a cancelled statement leaves the connection usable", self.value("SELECT 5 AS a"), 5)

    def encrypted(self):
        for level in ("off", "request", "require"):
            connection = connect(encryption=level, autocommit=True)
            cursor = connection.cursor()
            cursor.execute("SELECT LEN(%s) AS a", ("ü" * 40_000,))
            self.checks.equal(f"encryption={level}", cursor.fetchone()[0], 40_000)
            connection.close()


checks = Checks("pymssql")
client = Pymssql(checks, connect)
client.all(client.outputs, client.cancelled, client.encrypted)
