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

"""``migrate-manage orphans``: what cancelled migrations left behind.

The ledger knows it: whatever is made stands there before it is made. It is
removed by a worker, with the authority of the user it was made for; this only
asks for that again.
"""

from migrate_service import context as migrate_context
from migrate_service import exceptions
from migrate_service import pipelines
from migrate_service import states
from migrate_service.db import api as db
from migrate_service.db import models
from migrate_service.db.api import ledger
from migrate_service.db.api import migrations

ROW = '{migration}  {project}  {kind} {name}: {what}'


def add_parser(nouns):
    """Add the noun ``orphans`` to the parser of ``migrate-manage``."""
    parser = nouns.add_parser('orphans', help=sweep.__doc__)
    parser.add_argument(
        '--execute',
        action='store_true',
        help='ask workers to remove them; without it they are only listed',
    )
    parser.set_defaults(run=sweep)


def sweep(conf, arguments):
    """List what cancelled migrations left behind, or have it removed."""
    db.configure(conf)
    context = migrate_context.service_context()
    found = list(orphans(context))
    for entry, migration, what in found:
        print(
            ROW.format(
                migration=migration.id,
                project=migration.project_id,
                kind=entry.kind,
                name=entry.resource_id or entry.key,
                what=what,
            )
        )
    again = {
        migration.id
        for _entry, migration, _what in found
        if migration.status == states.ERROR
    }
    if not arguments.execute:
        print(
            f'{len(found)} orphans. With --execute {len(again)} migrations '
            'are cancelled once more; nothing was changed.'
        )
        return
    asked = sum(_cancel(context, id) for id in sorted(again))
    print(f'{asked} migrations are cancelled once more.')


def orphans(context):
    """Yield ``(entry, migration, what is to be done)``, oldest first."""
    statuses = (states.CANCELLED, states.COMPLETED, states.ERROR)
    for entry, migration in ledger.unsettled(context, statuses):
        if migration.status != states.ERROR:
            yield entry, migration, f'{migration.status}, look at it yourself'
        elif migration.step in pipelines.ROLLBACK:
            yield entry, migration, 'its removal failed'


def _cancel(context, id):
    try:
        return bool(migrations.request_cancel(context, id, models.now()))
    except exceptions.MigrateError as error:
        print(f'{id}: {error}')
        return False
