"""python-tds against the embedded server: RPC for parameters, the transaction manager for transactions, TLS that is checked."""

import datetime
import decimal
import logging
import ssl
import uuid

import pytds
from OpenSSL import crypto

from checks import FOLDER, SERVER, Checks, text_of
from db_api import DbApi

ACCOUNT = {key: SERVER[key] for key in ("port", "user", "password", "database")}


def connect(**given):
    return pytds.connect(**{"server": "127.0.0.1", **ACCOUNT, **given})


# It logs that it does not know the answer to its own reset.
logging.getLogger("pytds").setLevel(logging.ERROR)


class PythonTds(DbApi):
    login_failed = (18456, "Login failed for user 'sa'")
    # It raises the last error of the answer, with the words of both.
    no_database = (18456, "Cannot open database \"Nowhere\"")

    def told(self, column):
        return [*column[1:2], *column[3:7]]

    def wanted(self, kind, column):
        return [*kind["python-tds"], 0 if column[0].endswith("Always") else 1]

    def echoed(self):
        """Parameters come back from `SELECT @P1` with the value, and the type, that was declared for them."""
        zone = datetime.timezone(datetime.timedelta(hours=-8))
        for value, told in [
            (True, [50, 1, None, None]),
            (7, [56, 4, None, None]),
            (2**62, [127, 8, None, None]),
            (1.5, [62, 8, None, None]),
            (decimal.Decimal("-12345678901234.5678"), [106, 9, 18, 4]),
            ("text 😀", [99, -1, None, None]),
            (pytds.Binary(b"\x00\xff"), [165, 8000, None, None]),
            (uuid.UUID(int=7), [36, None, None, None]),
            (datetime.date(2026, 2, 28), [40, None, None, None]),
            (datetime.datetime(2026, 2, 28, 1, 2, 3, 456789), [42, 8, 6, None]),
            (datetime.datetime(2026, 2, 28, 1, 2, 3, tzinfo=zone), [43, 10, 6, None]),
        ]:
            cursor = self.connection.cursor()
            cursor.execute("SELECT %s AS a", (value,))
            column = cursor.description[0]
            found = [text_of(cursor.fetchone()[0]), [column[1], *column[3:6]]]
            self.checks.equal(f"SELECT of the parameter {value}", found, [text_of(bytes(value) if isinstance(value, bytes) else value), told])
        found = self.value("SELECT %s AS a", (datetime.datetime(2026, 2, 28, 1, 2, 3, tzinfo=zone),))
        self.checks.equal("a datetimeoffset keeps its offset", found.utcoffset(), datetime.timedelta(hours=-8))
        time = lambda: self.value("SELECT %s AS a", (datetime.time(1, 2, 3),))  # noqa: E731
        self.checks.refused("a parameter of type time is refused by its name", time, 40000, "time")

    def outputs(self):
        given = (1, pytds.output(param_type="int", value=41), pytds.output(param_type="nvarchar(20)", value="q"))
        cursor = self.connection.cursor()
        self.checks.equal("OUTPUT parameters come back", cursor.callproc(f"{self.table}_Add", given), [1, 42, "q!😀"])
        self.checks.equal("the return status comes back", cursor.get_proc_return_status(), 7)

    def lines(self):
        for what, text, line, procedure in [
            ("an error tells its line", "\n\nSELECT 1 / 0", 3, ""),
            ("an error in a procedure tells both", f"EXEC {self.table}_Fail", 3, "ClientCheck_python_tds_Fail"),
        ]:
            if procedure:
                self.run(f"CREATE PROCEDURE {self.table}_Fail AS\nBEGIN\nSELECT 1 / 0\nEND")
            try:
                self.run(text)
            except pytds.Error as error:
                self.checks.equal(what, (error.line, error.proc_name, error.severity), (line, procedure, 16))

    def cancelled(self):
        cursor = self.connection.cursor()
        cursor.execute("WHILE 1 = 1 SELECT 1 AS a")
        cursor.cancel()
        self.checks.equal("a cancelled statement leaves the connection usable", self.value("SELECT 5 AS a"), 5)

    def packets(self):
        for size in (512, 32_767):
            with connect(blocksize=size, autocommit=True) as connection, connection.cursor() as cursor:
                cursor.execute(f"SELECT Words FROM {self.table}_Many WHERE Id = 1000")
                units = len(cursor.fetchone()[0])
                cursor.execute("SELECT LEN(%s) AS a", ("ü" * 9_000,))
                self.checks.equal(f"packets of {size} bytes", (units > 9_000, cursor.fetchone()[0]), (True, 9_000))

    def pooled(self):
        """A pooled connection is reset at its next use: options, transaction."""
        with connect(pooling=True) as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCK_TIMEOUT 1234")
            cursor.execute("SELECT @@LOCK_TIMEOUT, @@SPID")
            first = cursor.fetchone()
        with connect(pooling=True) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT @@LOCK_TIMEOUT, @@SPID")
            second = cursor.fetchone()
        self.checks.equal("a pooled connection is the same one, reset", (first[0], second[0], first[1] == second[1]), (1234, -1, True))

    def encrypted(self):
        trusted = FOLDER / "server.pem"
        trusted.write_text(ssl.DER_cert_to_PEM_cert((FOLDER / "server.der").read_bytes()), encoding="ascii")
        by_name = {"server": "localhost", "autocommit": True}
        for what, more in [("TLS with a certificate that is checked", {}), ("TLS for the login alone", {"enc_login_only": True})]:
            with connect(cafile=str(trusted), **by_name, **more) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT LEN(%s) AS a", ("ü" * 40_000,))
                self.checks.equal(what, cursor.fetchone()[0], 40_000)
        other = FOLDER / "other.pem"
        other.write_bytes(somebody_elses_certificate())
        try:
            connect(cafile=str(other), **by_name)
        except Exception as error:  # noqa: BLE001
            self.checks.equal("a server with another certificate is not trusted", "certificate verify failed" in str(error), True)
        else:
            self.checks.equal("a server with another certificate is not trusted", "connected", "refused")


def somebody_elses_certificate():
    key = crypto.PKey()
    key.generate_key(crypto.TYPE_RSA, 2048)
    certificate = crypto.X509()
    certificate.get_subject().CN = "localhost"
    certificate.set_issuer(certificate.get_subject())
    certificate.gmtime_adj_notBefore(0)
    certificate.gmtime_adj_notAfter(3_600)
    certificate.set_pubkey(key)
    certificate.sign(key, "sha256")
    return crypto.dump_certificate(crypto.FILETYPE_PEM, certificate)


checks = Checks("python-tds")
client = PythonTds(checks, connect, binary=pytds.Binary)
client.all(client.echoed, client.outputs, client.lines, client.cancelled, client.packets, client.pooled, client.encrypted)
