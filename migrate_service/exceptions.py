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

"""Every error of the service: HTTP status, stable code, sentence, remedy.

An error says *what* failed in ``template``, and *what to do next* in
``remedy``. Its code is stable: clients may branch on it. All are built from
keywords, so that oslo.messaging can rebuild them on the other side.
"""


class MigrateError(Exception):
    """Base of all errors of the service.

    :param message: a sentence that replaces the template.
    :param kwargs: values for the template and the remedy. oslo.messaging
        rebuilds a remote error from ``message`` and ``kwargs``.
    """

    status = 500
    code = 'migration.internal_error'
    title = 'Internal error'
    template = 'An unexpected error occurred.'
    remedy = 'Report the request id to the operator.'

    def __init__(self, message=None, **kwargs):
        self.kwargs = kwargs
        super().__init__(message or self.template % kwargs)

    @property
    def advice(self):
        """What the reader should do next, one sentence."""
        return self.remedy % self.kwargs if self.kwargs else self.remedy

    def to_dict(self):
        """Return ``{'code', 'message', 'remedy'}`` as stored and shown."""
        return {
            'code': self.code,
            'message': str(self),
            'remedy': self.advice,
        }


class BadRequest(MigrateError):
    status = 400
    code = 'migration.bad_request'
    title = 'Bad request'
    template = '%(reason)s'
    remedy = 'Correct the request and send it again.'


class Unauthorized(MigrateError):
    status = 401
    code = 'migration.unauthorized'
    title = 'Unauthorized'
    template = 'The request needs a valid Keystone token.'
    remedy = 'Authenticate and send the request again.'


class Forbidden(MigrateError):
    status = 403
    code = 'migration.forbidden'
    title = 'Forbidden'
    template = 'Your roles do not allow %(action)s.'
    remedy = 'Ask an administrator of the project for the role.'


class NotFound(MigrateError):
    status = 404
    code = 'migration.not_found'
    title = 'Not found'
    template = 'No %(kind)s has the id %(id)s.'
    remedy = 'List what exists and use an id from there.'


class MethodNotAllowed(MigrateError):
    status = 405
    code = 'migration.method_not_allowed'
    title = 'Method not allowed'
    template = 'This resource does not support the method %(method)s.'
    remedy = 'See the API reference for the methods of the resource.'


class VersionNotSupported(MigrateError):
    status = 406
    code = 'migration.version_not_supported'
    title = 'Version not supported'
    template = (
        'Version %(version)s is not supported; the versions are '
        '%(minimum)s to %(maximum)s.'
    )
    remedy = 'Send a supported version in OpenStack-API-Version.'


class Conflict(MigrateError):
    status = 409
    code = 'migration.conflict'
    title = 'Conflict'
    template = '%(reason)s'
    remedy = 'Look at the present state of the resource and try again.'


class RequestTooLarge(MigrateError):
    status = 413
    code = 'migration.request_too_large'
    title = 'Request too large'
    template = 'The request body is larger than %(limit)s bytes.'
    remedy = 'Send a smaller request.'


class UnsupportedMediaType(MigrateError):
    status = 415
    code = 'migration.unsupported_media_type'
    title = 'Unsupported media type'
    template = 'The request body must be application/json.'
    remedy = 'Send JSON with Content-Type: application/json.'


class InvalidTransition(Conflict):
    code = 'migration.invalid_transition'
    template = 'A migration that is %(status)s cannot %(event)s.'
    remedy = 'Wait until the migration is in a state that allows this.'


class RetryAfterCancel(Conflict):
    code = 'migration.retry_after_cancel'
    template = 'The migration %(id)s was cancelled and cannot be retried.'
    remedy = 'Cancel it again to end its rollback, then create a new one.'


class NoWayBack(InvalidTransition):
    code = 'migration.no_way_back'
    template = (
        'The result of the migration was accepted (it is at the step '
        '%(step)s): it cannot be cancelled any more.'
    )
    remedy = (
        'Let it complete (retry it if it is in error); to undo it, delete '
        'the server and its volumes and power the machine on again.'
    )


class AlreadyAccepted(Conflict):
    code = 'migration.already_accepted'
    template = (
        'The result of the migration %(id)s was accepted: there is nothing '
        'to accept or to roll back any more.'
    )
    remedy = (
        'To go back nevertheless, delete the server and power the machine '
        'of the source on; it is as it was when it was stopped.'
    )


class ResultNotReady(Conflict):
    code = 'migration.result_not_ready'
    template = (
        'The migration %(id)s is %(status)s at %(step)s: its server does not '
        'wait to be accepted.'
    )
    remedy = 'Wait until it is waiting at the step await_acceptance.'


class NothingToRollBack(Conflict):
    code = 'migration.nothing_to_roll_back'
    template = (
        'The migration %(id)s is %(status)s at %(step)s: it has not stopped '
        'the machine of the source.'
    )
    remedy = 'Cancel it if it shall not go on.'


class NotWarm(Conflict):
    code = 'migration.not_warm'
    template = (
        'The migration %(id)s is %(kind)s: only a warm one copies in rounds '
        'and is cut over.'
    )
    remedy = 'Let it complete; create the next one with kind warm.'


class CutoverTooEarly(Conflict):
    code = 'migration.cutover_too_early'
    template = 'The migration %(id)s has not completed its first round yet.'
    remedy = 'Wait until it is waiting, then ask for the cutover again.'


class CutoverInPast(BadRequest):
    code = 'migration.cutover_in_past'
    template = 'cutover.%(field)s: %(at)s has passed.'
    remedy = 'Give a time to come, with its zone; without one it begins now.'


class CutoverWindowEmpty(BadRequest):
    code = 'migration.cutover_window_empty'
    template = (
        'cutover.not_after: the window ends at %(not_after)s, before it '
        'begins at %(not_before)s.'
    )
    remedy = 'Give a not_after that is later than not_before.'


class CutoverHopeless(Conflict):
    code = 'migration.cutover_hopeless'
    template = (
        'The guest of the migration %(id)s could not be converted as it is, '
        'so its machine is not stopped: %(reason)s'
    )
    remedy = (
        'Do in the guest what the reason asks for, then have a round made '
        '(openstack migration sync), which looks at the guest again.'
    )


class MachineInUse(Conflict):
    code = 'migration.machine_in_use'
    template = (
        'The machine %(machine)s is already being moved by the migration '
        '%(migration)s.'
    )
    remedy = 'Wait until that migration has ended, or cancel it first.'


class MigrationNotEnded(Conflict):
    code = 'migration.not_ended'
    template = 'The migration %(id)s is %(status)s: its record is needed.'
    remedy = 'Cancel it, or wait until it has ended, then delete it.'


class AssessmentRunning(Conflict):
    code = 'assessment.running'
    template = 'The assessment %(id)s is being carried out.'
    remedy = 'Wait until it has ended, then delete it.'


class SourceInUse(Conflict):
    code = 'source.in_use'
    template = 'The source %(id)s is used by %(count)s migrations.'
    remedy = 'Wait until they have ended, or cancel and delete them first.'


class SourceNotReady(Conflict):
    code = 'source.not_ready'
    template = 'The source %(id)s is %(status)s, not ready.'
    remedy = 'Read the reason on the source, correct it and refresh it.'


class MigrationBlocked(Conflict):
    """Concerns keep a migration from its start; ``concerns`` are they."""

    code = 'migration.blocked'
    template = 'The machine %(machine)s cannot be moved: %(reason)s'
    remedy = '%(remedies)s'


class NetworkUnmapped(MigrationBlocked):
    status = 400
    code = 'migration.network_unmapped'
    title = 'Bad request'


class DiskUnsupported(MigrationBlocked):
    status = 400
    code = 'machine.disk_unsupported'
    title = 'Bad request'


class MachineUnsupported(MigrationBlocked):
    status = 400
    code = 'machine.unsupported'
    title = 'Bad request'


class MachineNotFound(NotFound):
    code = 'machine.not_found'
    template = 'The source %(source)s has no machine %(machine)s.'
    remedy = 'Refresh the source and choose a machine from its list.'


class TrustRefused(Forbidden):
    code = 'migration.trust_refused'
    template = (
        'Keystone did not let you delegate your roles to the migration '
        'service: %(reason)s'
    )
    remedy = (
        'Use a password or an unrestricted application credential: a '
        'restricted application credential cannot create trusts.'
    )


class TrusteeUnavailable(MigrateError):
    status = 503
    code = 'migration.keystone_unavailable'
    title = 'Service unavailable'
    template = 'Keystone could not be asked for a trust: %(reason)s'
    remedy = 'Try again; if it stays so, report it to the operator.'


class DatabaseUnavailable(MigrateError):
    status = 503
    code = 'migration.database_unavailable'
    title = 'Service unavailable'
    template = 'The database of the service does not answer.'
    remedy = 'Try again; if it stays so, report it to the operator.'


class SecretsUnavailable(MigrateError):
    status = 503
    code = 'migration.secrets_unavailable'
    title = 'Service unavailable'
    template = 'The store of credentials does not work: %(reason)s'
    remedy = (
        'Try again; if it stays so, report it to the operator. Key files are '
        'made by "migrate-manage secrets create-key", and every API and '
        'worker node needs the same.'
    )


class LeaseLost(MigrateError):
    """The writer no longer holds the lease: its attempt is over."""

    status = 409
    code = 'migration.lease_lost'
    title = 'Lease lost'
    template = 'The lease on %(id)s (attempt %(attempt)s) is lost.'
    remedy = 'None: another worker goes on with the work.'


class Cancelled(MigrateError):
    """The user asked to stop; raised inside a step by ``Work.check``."""

    status = 409
    code = 'migration.cancelled'
    title = 'Cancelled'
    template = 'The migration was cancelled.'
    remedy = 'None: what was created is being removed.'


class Released(MigrateError):
    """The worker gives the lease back; raised inside a step."""

    status = 409
    code = 'migration.released'
    title = 'Released'
    template = 'The worker gives the migration back.'
    remedy = 'None: another worker goes on with the work.'


class StepFailed(MigrateError):
    """A step cannot go on; a retry may help once the cause is gone.

    Steps and drivers raise subclasses, or this class with ``code``.
    """

    code = 'migration.step_failed'
    title = 'Step failed'
    template = '%(reason)s'
    remedy = 'Correct the cause, then retry or cancel the migration.'


class ToolFailed(StepFailed):
    code = 'migration.tool_failed'
    template = '%(tool)s ended with code %(returncode)s: %(reason)s'
    remedy = 'Read the log of the step, correct the cause and retry.'


class TrustMissing(StepFailed):
    code = 'migration.trust_missing'
    template = 'The migration was accepted, but it never got its trust.'
    remedy = 'Cancel it and create it again; tell the operator.'


class LeftBehind(StepFailed):
    code = 'migration.left_behind'
    template = 'The rollback ended, but these are still there: %(resources)s'
    remedy = 'Cancel again; what then remains, remove by hand.'


class WorkersLost(StepFailed):
    code = 'migration.workers_lost'
    template = (
        'The step %(step)s was tried %(attempts)s times, and each time its '
        'worker fell silent.'
    )
    remedy = 'Let the operator read the logs of the workers, then retry.'
