# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.
"""Nobody but the source and the worker sees the password of a source.

Machines are moved, cold and warm, by processes on RabbitMQ and MariaDB, from
a web server that asks for the password. After that every argument and
environment, every byte on the bus, all of the database, every log and every
file is searched for it.
"""

import base64
import json
import logging
import os
import unittest
import uuid
from urllib import parse

import sqlalchemy as sa

from tests.functional import base
from tests.functional import processes
from tests.functional import watcher
from tests.functional import web
from tests.functional import wire

RABBIT = 'TEST_RABBIT_URL'


def forms(secret, user):
    """Return the bytes by which a secret can be known again."""
    pair = f'{user}:{secret}'
    return {
        form.encode() if isinstance(form, str) else form
        for form in (
            secret,
            parse.quote(secret),
            parse.quote(secret, safe=''),
            parse.quote_plus(secret),
            json.dumps(secret)[1:-1],
            json.dumps(json.dumps(secret))[3:-3],
            base64.b64encode(secret.encode()).rstrip(b'=')[:-2],
            base64.b64encode(pair.encode()).rstrip(b'=')[:-2],
            secret.encode().hex(),
        )
    }


@unittest.skipUnless(
    os.environ.get(RABBIT) and os.environ.get('TEST_MYSQL_URL'),
    'TEST_RABBIT_URL and TEST_MYSQL_URL are not set',
)
class TestSecrets(base.TestCase):
    conductors = 0
    workers = 0

    def setUp(self):
        self.wire = fixture = wire.Wire(RABBIT)
        fixture.setUp()
        super().setUp()
        self.addCleanup(fixture.cleanUp)
        self.password = f'S3cr+t/{uuid.uuid4()}%w "rd\\'
        self.useFixture(
            web.Disks(self.clouds, 0, f'user:{self.password}', kind=True)
        )
        self.log = self.config.root / 'api.log'
        handler = logging.FileHandler(self.log)
        logging.getLogger().addHandler(handler)
        self.addCleanup(logging.getLogger().removeHandler, handler)
        self.watcher = self.useFixture(watcher.Watcher())
        self.daemons = self.useFixture(processes.Processes(self.config))
        self.daemons.start_conductor('conductor', debug=True)
        self.daemons.start_worker('worker', debug=True)

    def ready(self):
        id = self.create_source(password=self.password)
        self.wait_for(
            lambda: self.source(id).status == 'ready', 'a ready source'
        )
        return id

    def test_no_password_is_seen_anywhere(self):
        machines = [
            self.add_machine(name, sizes=(5 * base.MIB,))
            for name in ('cold', 'warm', 'broken')
        ]
        source_id = self.ready()
        ids = [
            self.create(source_id, machine, transport='https', **options)
            for machine, options in zip(
                machines,
                ({}, {'kind': 'warm', 'sync_interval': 3600}, {}),
                strict=True,
            )
        ]
        self.wait_for(
            lambda: len(self.migration(ids[1]).progress.get('rounds', [])) > 1
        )
        self.cut_over(ids[1])
        for id in ids:
            self.wait_for_status(id, 'completed')
        self.refuse_another_password()
        shown = [
            self.request('GET', path)
            for path in (
                '/sources',
                '/migrations',
                *(f'/migrations/{id}/events' for id in ids),
            )
        ]
        places = self.places() | {'answers': json.dumps(shown).encode()}
        found = [
            (place, form)
            for place, content in places.items()
            for form in forms(self.password, 'user')
            if form in content
        ]
        self.assertEqual([], found)
        self.assert_searched(places, ids)

    def refuse_another_password(self):
        """Have a login refused: errors are places, too."""
        id = self.create_source(password='wrong', address='other.test')
        self.wait_for(lambda: self.source(id).status == 'error')

    def places(self):
        """Return ``{place: all bytes of it}``."""
        files = [
            path
            for path in self.config.root.rglob('*')
            if path.is_file() and path.suffix != '.img'
        ]
        return (
            {str(path): path.read_bytes() for path in files}
            | {f'wire {at}': b''.join(heard) for at, heard in self.heard()}
            | {f'{part} {shown[:80]}': shown for part, shown in self.shown()}
            | {'database': self.dump().encode()}
        )

    def heard(self):
        return list(enumerate(self.wire.heard))

    def shown(self):
        return list(self.watcher.seen)

    def dump(self):
        """Return all rows of all tables as text."""
        engine = sa.create_engine(self.conf.database.connection)
        self.addCleanup(engine.dispose)
        tables = sa.inspect(engine).get_table_names()
        with engine.connect() as connection:
            return '\n'.join(
                str(tuple(row))
                for table in tables
                for row in connection.execute(
                    sa.text(f'SELECT * FROM {table}')
                )
            )

    def assert_searched(self, places, ids):
        """Assert that the places hold what a leak would be found in."""
        wires = b''.join(
            content for place, content in places.items() if 'wire' in place
        )
        for word in (b'heartbeat', b'checkpoint', b'fernet:', *map(_b, ids)):
            self.assertIn(word, wires)
        for word in ('fernet:', 'vm-cold', *ids):
            self.assertIn(word, places['database'].decode())
        commands = [shown for part, shown in self.shown() if part == 'cmdline']
        for program in (b'nbdkit', b'transfer.mover', b'gateway'):
            self.assertTrue(any(program in shown for shown in commands))
        logs = self.daemons.log('worker')
        self.assertIn(' DEBUG ', logs)


def _b(text):
    return text.encode()
