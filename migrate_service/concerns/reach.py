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

"""Concerns about what the account and the conversion node can reach."""

from migrate_service.concerns import model

FAMILY = model.Family()
#: Seconds that clocks may differ: tokens and event times stay usable.
SKEW = 60
#: Seconds after which an inventory is no good ground for a plan.
OLD = 24 * 3600
#: What only warm migrations need: snapshots, and the change ids in them.
WARM_PRIVILEGES = (
    'VirtualMachine.Config.ChangeTracking',
    'VirtualMachine.State.CreateSnapshot',
    'VirtualMachine.State.RemoveSnapshot',
)


@FAMILY.rule(
    code='concern.privileges_missing',
    what='The account of the source lacks: %(privileges)s.',
    why='A migration would stop half way, where it needs the privilege.',
    remedy='Add the privileges to a role of the account, then refresh.',
    origin='vSphere API, HasPrivilegeOnEntities',
    overridable=True,
    needs=('source',),
)
def _privileges(facts):
    missing = facts.source.missing_privileges
    yield from _listed(set(missing) - set(WARM_PRIVILEGES))


@FAMILY.rule(
    code='concern.warm_privileges_missing',
    what='The account of the source lacks, to copy in rounds: %(privileges)s.',
    why='Change tracking is switched on, and each round takes a snapshot.',
    remedy=(
        'Add the privileges to a role of the account, then refresh; or move '
        'the machine cold.'
    ),
    origin='vSphere API, HasPrivilegeOnEntities',
    cold=None,
    overridable=True,
    needs=('source',),
)
def _warm_privileges(facts):
    missing = facts.source.missing_privileges
    yield from _listed(set(missing) & set(WARM_PRIVILEGES))


def _listed(privileges):
    if privileges:
        yield {'privileges': ', '.join(sorted(privileges))}


@FAMILY.rule(
    code='concern.inventory_old',
    what='The inventory of the source is %(hours)s hours old.',
    why='The machine may have changed since.',
    remedy='Refresh the source and assess again.',
    origin='Migrate',
    cold=model.INFO,
    warm=model.INFO,
    needs=('source',),
)
def _old(facts):
    age = facts.source.age
    if age is not None and age > OLD:
        yield {'hours': round(age / 3600)}


@FAMILY.rule(
    code='concern.source_unreachable',
    what='The conversion node cannot use the source: %(message)s',
    why=(
        'Name, address, port 443, certificate and login are tried from the '
        'node, not from your desk.'
    ),
    remedy='%(remedy)s',
    origin='vmware-migration-kit#69; vjailbreak#973',
    needs=('node',),
)
def _unreachable(facts):
    if facts.node.error:
        yield facts.node.error


@FAMILY.rule(
    code='concern.transport_unavailable',
    what=(
        'No transport can read %(machine)s: asked for %(wanted)s; possible '
        'for its disks: %(possible)s; enabled on the node: %(enabled)s.'
    ),
    why='Without a transport no byte can be read.',
    remedy=(
        'Choose another transport, or ask the operator to enable one on the '
        'conversion nodes.'
    ),
    origin='Migrate, [worker] transports',
    needs=('node',),
)
def _transport(facts):
    node = facts.node
    if node.error:
        return
    wanted = facts.option('transport', 'auto')
    usable = set(node.possible) & set(node.enabled)
    if not usable or wanted not in ('auto', *usable):
        yield {
            'machine': facts.machine.name,
            'wanted': wanted,
            'possible': ', '.join(node.possible) or 'none',
            'enabled': ', '.join(node.enabled) or 'none',
        }


@FAMILY.rule(
    code='concern.clock_skew',
    what='The clocks of source and conversion node differ by %(seconds)s s.',
    why=(
        'Whether a machine was started again is told by times of the '
        'source, and certificates are checked by those of the node.'
    ),
    remedy='Let both follow the same time servers (NTP).',
    origin='vSphere API, CurrentTime; VMware KB 1318',
    cold=model.WARNING,
    warm=model.WARNING,
    needs=('node',),
)
def _skew(facts):
    skew = facts.node.skew
    if skew is not None and abs(skew) > SKEW:
        yield {'seconds': round(abs(skew))}
