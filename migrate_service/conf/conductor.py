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

"""Options of the conductor: ``[conductor]``."""

from oslo_config import cfg

group = cfg.OptGroup(
    'conductor',
    title='Conductor',
    help='How migrations and refreshes are leased to workers.',
)

opts = [
    cfg.IntOpt(
        'workers',
        default=1,
        min=1,
        help="""
How many processes the conductor runs on this host.

They hold no state and need not know of each other; conductors on other hosts
add to them.
""",
    ),
    cfg.IntOpt(
        'lease_ttl',
        default=300,
        min=1,
        help="""
Seconds that a worker may stay silent before its work is given to another.

Smaller values resume work sooner after the crash of a node, and take it away
sooner from a node whose network is slow.

Related options:

* ``[worker] heartbeat_interval`` must be at most a quarter of this. A worker
  that cannot reach a conductor for this time less two intervals stops its
  data movers by itself, before its leases can be given away.
""",
    ),
    cfg.FloatOpt(
        'tick_interval',
        default=10,
        min=0.05,
        help="""
Seconds between two looks for expired leases, intents and due refreshes.

Requests and finished steps are acted upon at once; the tick is for what no
message announced.
""",
    ),
    cfg.IntOpt(
        'max_attempts',
        default=3,
        min=1,
        help="""
How often a step is tried before its migration goes to ``error``.

Only transient failures, such as a source that does not answer, and lost
workers are tried again. A user may retry a migration in ``error``.

Related options:

* ``retry_delay``
""",
    ),
    cfg.FloatOpt(
        'retry_delay',
        default=30,
        min=0,
        help="""
Seconds before a step that failed for a transient reason is tried again.

Related options:

* ``max_attempts``
""",
    ),
    cfg.IntOpt(
        'inventory_interval',
        default=3600,
        min=0,
        help="""
Seconds after which the cached inventory of a source is read again.

A user may refresh a source at any time. 0 leaves it to them alone.
""",
    ),
    cfg.IntOpt(
        'assessment_retention',
        default=30 * 24 * 3600,
        min=0,
        help="""
Seconds that an assessment is kept after it ended. 0 keeps all.
""",
    ),
    cfg.IntOpt(
        'max_migrations_per_source',
        default=20,
        min=1,
        help="""
How many migrations of one source are worked on at the same time.

It bounds the load on the vCenter and on its hosts; further migrations stay
``accepted`` until one has ended.
""",
    ),
    cfg.IntOpt(
        'max_migrations_per_project',
        default=0,
        min=0,
        help="""
How many migrations of one project are worked on at the same time.

Further ones stay ``accepted`` until one has ended; what is rolled back is not
held up. 0 is no bound: projects take turns in any case.
""",
    ),
    cfg.IntOpt(
        'home_patience',
        default=30,
        min=0,
        help="""
Seconds for which a round or a cutover that becomes due is kept for the worker
that made the last round.

Its data path is known to work. A worker that is down, disabled or drained is
not waited for; one that is full is, for so long. 0 lets any worker take it.

Related options:

* ``worker_down_after``
""",
    ),
    cfg.IntOpt(
        'acceptance_deadline',
        default=0,
        min=0,
        help="""
Seconds after which a result that nobody accepted is accepted by itself.

A migration whose server runs waits until its user accepts it: until then the
source machine can be brought back. 0 waits for ever. The source machine stays
off and is never deleted, however the wait ends.

Related options:

* ``acceptance_warning``
""",
    ),
    cfg.IntOpt(
        'acceptance_warning',
        default=86400,
        min=0,
        help="""
Seconds before ``acceptance_deadline`` at which an event warns of it.

The event ``acceptance_due`` is shown to the user, and sent as the
notification ``migration.acceptance_due``.

Related options:

* ``acceptance_deadline``
""",
    ),
    cfg.IntOpt(
        'worker_down_after',
        default=60,
        min=1,
        help="""
Seconds without a heartbeat after which a worker is shown as down.

Its leases stay with it until they expire.

Related options:

* ``lease_ttl``
* ``[worker] heartbeat_interval`` must be smaller.
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
