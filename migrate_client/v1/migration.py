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


"""Migrations: machines on their way."""

from openstack import exceptions
from openstack import resource
from openstack import utils

from migrate_client.v1 import _base


class Migration(_base.Resource):
    resource_key = 'migration'
    resources_key = 'migrations'
    base_path = '/migrations'
    allow_create = True
    allow_fetch = True
    allow_delete = True
    allow_list = True
    _query_mapping = resource.QueryParameters(
        'name',
        'status',
        'step',
        'source_id',
        'machine_id',
        'all_projects',
        'sort_key',
        'sort_dir',
    )

    #: When its result was accepted, or will be by itself.
    accept_at = resource.Body('accept_at')
    #: ``manual`` or ``auto``.
    acceptance = resource.Body('acceptance')
    #: How many times a worker took it up.
    attempt = resource.Body('attempt', type=int)
    #: Whether a failed probe brings the source back.
    auto_rollback = resource.Body('auto_rollback', type=bool)
    availability_zone = resource.Body('availability_zone')
    #: Bytes a second that the copy may take; None: as fast as it goes.
    bandwidth_limit = resource.Body('bandwidth_limit', type=int)
    #: Since when a cancellation waits to be carried out.
    cancel_requested_at = resource.Body('cancel_requested_at')
    #: ``auto``, ``none``, ``minimal`` or ``full``.
    convert = resource.Body('convert')
    created_at = resource.Body('created_at')
    #: What the conversion of a warm migration is going to do.
    conversion = resource.Body('conversion', type=dict)
    #: ``not_before``, ``not_after`` and ``max_downtime`` of the cutover.
    cutover = resource.Body('cutover', type=dict)
    #: From when a warm migration stops its source.
    cutover_at = resource.Body('cutover_at')
    #: ``auto`` or ``compare``.
    delta = resource.Body('delta')
    #: Seconds that the cutover took, by part.
    downtime = resource.Body('downtime', type=dict)
    ended_at = resource.Body('ended_at')
    #: Why it is in ``error``: ``code``, ``message`` and ``remedy``.
    error = resource.Body('error', type=dict)
    flavor_id = resource.Body('flavor_id')
    keep_ip = resource.Body('keep_ip', type=bool)
    keep_mac = resource.Body('keep_mac', type=bool)
    key_name = resource.Body('key_name')
    #: ``cold`` or ``warm``.
    kind = resource.Body('kind')
    machine_id = resource.Body('machine_id')
    machine_name = resource.Body('machine_name')
    #: The mapping that it was made with.
    mapping_id = resource.Body('mapping_id')
    metadata = resource.Body('metadata', type=dict)
    #: ``[{'source', 'network_id', 'subnet_id'}]``.
    networks = resource.Body('networks', type=list)
    #: Codes of concerns that the user accepted although they block.
    override = resource.Body('override', type=list)
    #: ``total``, ``parts`` and ``basis`` of what a cutover would take.
    predicted_downtime = resource.Body('predicted_downtime', type=dict)
    #: Since when a preparation of the guest waits to be carried out.
    prepare_requested_at = resource.Body('prepare_requested_at')
    probe = resource.Body('probe', type=dict)
    #: The last rehearsal: ``id``, ``status`` and ``verdict``.
    rehearsal = resource.Body('rehearsal', type=dict)
    #: Since when a rehearsal waits to be carried out.
    rehearse_requested_at = resource.Body('rehearse_requested_at')
    #: Whether a rehearsal must pass before the cutover.
    require_rehearsal = resource.Body('require_rehearsal', type=bool)
    #: ``percent``, ``bytes_copied``, ``bytes_total``, ``rate`` (bytes a
    #: second), ``seconds_left`` and ``disks``; of a warm migration also
    #: ``rounds``, ``converges`` and ``next_round_at``. ``transport`` is how
    #: the disks are read and why so.
    progress = resource.Body('progress', type=dict)
    project_id = resource.Body('project_id')
    #: ``server_id``, ``volume_ids``, ``port_ids`` and ``flavor_id``.
    result = resource.Body('result', type=dict)
    #: Since when a retry waits to be carried out.
    retry_requested_at = resource.Body('retry_requested_at')
    #: Since when a rollback waits to be carried out.
    rollback_requested_at = resource.Body('rollback_requested_at')
    security_groups = resource.Body('security_groups', type=list)
    #: Seconds that the guest may take to shut down.
    shutdown_timeout = resource.Body('shutdown_timeout', type=int)
    source_id = resource.Body('source_id')
    started_at = resource.Body('started_at')
    #: ``accepted``, ``running``, ``waiting``, ``rolling_back``,
    #: ``cancelling``, ``cancelled``, ``completed`` or ``error``.
    status = resource.Body('status')
    step = resource.Body('step')
    #: ``auto``, ``file``, ``https``, ``vddk`` or ``nfc``.
    transport = resource.Body('transport')
    updated_at = resource.Body('updated_at')
    user_id = resource.Body('user_id')
    #: Since when a round waits to be carried out.
    sync_requested_at = resource.Body('sync_requested_at')
    #: Seconds between two rounds of a warm migration; None: as it needs.
    sync_interval = resource.Body('sync_interval', type=int)
    #: ``sample``, ``full`` or ``source``.
    verify = resource.Body('verify')
    volume_type = resource.Body('volume_type')
    #: ``[{'datastore', 'volume_type'}]``.
    volume_types = resource.Body('volume_types', type=list)
    warnings = resource.Body('warnings', type=list)
    #: The worker that has the lease; administrators only.
    worker = resource.Body('worker')

    def cancel(self, session):
        """Ask that it stop and that what it created be removed."""
        return self._act(session, 'cancel')

    def retry(self, session):
        """Ask that it go on at the step that failed."""
        return self._act(session, 'retry')

    def cut_over(self, session, **when):
        """Ask that its source be stopped.

        :param when: ``at``, or ``not_before`` and ``not_after``, ISO 8601;
            ``max_downtime``, seconds. Nothing is now.
        """
        return self._act(session, 'cutover', {'cutover': when})

    def withdraw_cutover(self, session):
        """Take back the wish, as long as the cutover has not begun."""
        return self._act(session, 'cutover', method='DELETE')

    def sync(self, session):
        """Ask for a round of copying what changed, now."""
        return self._act(session, 'sync')

    def rehearse(self, session, attrs):
        """Ask for a test boot; return the attributes of the rehearsal."""
        session = self._get_session(session)
        response = session.post(
            utils.urljoin(self.base_path, self.id, 'rehearse'),
            json={'rehearsal': attrs},
            microversion=self._get_microversion(session),
        )
        exceptions.raise_from_response(response)
        return response.json()['rehearsal']

    def accept(self, session):
        """Accept its server: the source stays off."""
        return self._act(session, 'accept')

    def roll_back(self, session, replica=None):
        """Ask that its source be brought back.

        :param replica: ``keep`` or ``discard`` the volumes; None is what is
            usual for its kind.
        """
        body = {'rollback': {'replica': replica} if replica else {}}
        return self._act(session, 'rollback', body)

    def prepare(self, session, username, password, revert=False):
        """Ask that the guest at the source be prepared for the cutover."""
        wish = {'username': username, 'password': password}
        if revert:
            wish['revert'] = True
        return self._act(session, 'prepare', {'prepare': wish})
