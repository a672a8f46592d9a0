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

"""``migrate-manage``: database, keys of secrets, orphans, limits."""

import argparse
import sys

from migrate_service import conf as migrate_conf
from migrate_service import context as migrate_context
from migrate_service import exceptions
from migrate_service import secret_store
from migrate_service.cmd import limits
from migrate_service.cmd import orphans
from migrate_service.db import api as db
from migrate_service.db import migration
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import paging
from migrate_service.db.api import preparations
from migrate_service.db.api import sources


def db_sync(conf, arguments):
    """Bring the schema to a revision; only ever adds to it."""
    db.configure(conf)
    migration.db_sync(arguments.revision)


def db_version(conf, arguments):
    """Print the revision of the schema."""
    db.configure(conf)
    print(migration.version() or 'empty')


def create_key(conf, arguments):
    """Write a new key file; copy it to all API and worker nodes."""
    print(secret_store.create_key(conf.secrets.key_directory))


def rotate(conf, arguments):
    """Encrypt all secrets with the newest key."""
    db.configure(conf)
    context = migrate_context.service_context()
    store = secret_store.SecretStore(conf)
    count, marker = 0, None
    while rows := sources.page(
        context, {}, paging.Page(limit=100, marker=marker)
    ):
        marker = rows[-1].id
        count += sum(_rotate_source(context, store, row) for row in rows)
    for row in preparations.every(context):
        new = store.rotate(row.secret)
        count += preparations.replace_secret(
            context, row.migration_id, row.secret, new
        )
    print(f'{count} secrets are encrypted with the newest key.')


def _rotate_source(context, store, row):
    secret = store.rotate(row.secret)
    if secret == row.secret:
        return False
    try:
        leases.update(
            context,
            models.Source,
            row.id,
            {'secret': secret},
            secret=row.secret,
        )
    except exceptions.LeaseLost:
        # The user changed the password meanwhile: encrypted anew by that.
        return False
    return True


def parser():
    """Return the parser of the command line."""
    root = argparse.ArgumentParser('migrate-manage', description=__doc__)
    root.add_argument(
        '--config-file', action='append', default=[], metavar='PATH'
    )
    nouns = root.add_subparsers(required=True, metavar='NOUN')
    verbs = nouns.add_parser('db', help='the database').add_subparsers(
        required=True, metavar='VERB'
    )
    sync = verbs.add_parser('sync', help=db_sync.__doc__)
    sync.add_argument('revision', nargs='?', default='head')
    sync.set_defaults(run=db_sync)
    verbs.add_parser('version', help=db_version.__doc__).set_defaults(
        run=db_version
    )
    verbs = nouns.add_parser(
        'secrets', help='the secrets of sources and guests'
    ).add_subparsers(required=True, metavar='VERB')
    verbs.add_parser('create-key', help=create_key.__doc__).set_defaults(
        run=create_key
    )
    verbs.add_parser('rotate', help=rotate.__doc__).set_defaults(run=rotate)
    orphans.add_parser(nouns)
    limits.add_parser(nouns)
    return root


def main(argv=None):
    arguments = parser().parse_args(argv)
    files = [f'--config-file={path}' for path in arguments.config_file]
    conf = migrate_conf.prepare('migrate-manage', files)
    try:
        arguments.run(conf, arguments)
    except exceptions.MigrateError as error:
        print(f'{error} {error.advice}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
