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
"""Fills a database with sources, and with migrations of all ages."""

import datetime
import uuid

import sqlalchemy as sa

from migrate_service.api.schemas import migrations as schemas
from migrate_service.db import api as db_api
from migrate_service.db import models

GIB = 2**30
#: Migrations of one project; each source may have 20 worked on at a time.
SOURCES_PER_PROJECT = 10
EVENTS = ('created', 'started', 'step', 'step', 'completed')
BATCH = 500


class Rows:
    """Inserts what an API and years of work would have.

    :param context: any.
    :param projects: how many.
    """

    def __init__(self, context, projects):
        self._context = context
        self._count = 0
        self.projects = [f'project-{number}' for number in range(projects)]
        self._sources = {
            project: [str(uuid.uuid4()) for _ in range(SOURCES_PER_PROJECT)]
            for project in self.projects
        }
        self._insert(
            models.Source,
            [
                self._source(project, id)
                for project, ids in self._sources.items()
                for id in ids
            ],
        )

    def ended(self, count):
        """Insert migrations that are over, in equal parts."""
        age = datetime.timedelta(days=30)
        self._add(self._shared(count), models.now() - age, 'completed')

    def waiting(self, wanted):
        """Insert migrations that workers may claim.

        :param wanted: ``{project: how many}``; the first came first.
        """
        projects = [
            name for name, count in wanted.items() for _ in [0] * count
        ]
        self._add(projects, models.now(), 'accepted')

    def _shared(self, count):
        return [self.projects[n % len(self.projects)] for n in range(count)]

    def _add(self, projects, since, status):
        rows, events = [], []
        for project in projects:
            self._count += 1
            later = datetime.timedelta(milliseconds=self._count)
            row = self._migration(project, since + later, status)
            rows.append(row)
            if status == 'completed':
                events += [_event(row, name) for name in EVENTS]
        self._insert(models.Migration, rows)
        self._insert(models.Event, events)

    def _insert(self, model, values):
        for start in range(0, len(values), BATCH):
            with db_api.context_manager.writer.using(self._context) as session:
                session.execute(sa.insert(model), values[start:][:BATCH])

    def _source(self, project, id):
        return {
            'id': id,
            'project_id': project,
            'user_id': 'user',
            'name': f'vcenter-{id[:8]}',
            'driver': 'fake',
            'address': 'vcenter.test',
            'port': 443,
            'username': 'user',
            'secret': 'none',
            'status': 'ready',
            'inventory_at': models.now() + datetime.timedelta(days=1),
        }

    def _migration(self, project, created_at, status):
        sources = self._sources[project]
        source = sources[self._count % len(sources)]
        ended = status == 'completed'
        machine = f'vm-{self._count}'
        return {
            'id': str(uuid.uuid4()),
            'project_id': project,
            'user_id': 'user',
            'request_id': None,
            'name': machine,
            'kind': 'cold',
            'source_id': source,
            'machine_id': machine,
            'machine_name': machine,
            'in_use': None if ended else f'{source}/{machine}',
            'options': schemas.DEFAULTS
            | {
                'networks': [{'source': 'n', 'network_id': str(uuid.uuid4())}],
                'acceptance': 'auto',
            },
            'trust_id': 'noauth',
            'status': status,
            'progress': {'disks': disks(1.0)} if ended else {},
            'checkpoint': checkpoint(400) if ended else {},
            'result': {'server_id': str(uuid.uuid4())} if ended else {},
            'warnings': [],
            'created_at': created_at,
            'ended_at': created_at if ended else None,
        }


def _event(row, name):
    return {
        'migration_id': row['id'],
        'event': name,
        'status': row['status'],
        'message': 'A sentence of the usual length about what was done.',
        'details': {},
        'created_at': row['created_at'],
    }


def disks(share):
    """Return the progress of two disks of which a share is copied."""
    size = 40 * GIB
    return [
        {
            'key': key,
            'label': f'Hard disk {key}',
            'size': size,
            'total': size // 2,
            'copied': int(size // 2 * share),
            'read': int(size // 2 * share),
            'written': int(size // 3 * share),
            'rate': 25_000_000,
        }
        for key in ('2000', '2001')
    ]


def checkpoint(ranges):
    """Return a checkpoint with so many ranges that were copied."""
    done = [[number * 3 * 2**20, 2**20] for number in range(ranges)]
    return {
        'source_power': 'on',
        'timings': {'inspect': 3.1, 'reserve': 9.5},
        'copied': {'2000': done[: ranges // 2], '2001': done[ranges // 2 :]},
    }
