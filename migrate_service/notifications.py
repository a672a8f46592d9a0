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

"""Tells other services of transitions: ``migration.<event>``.

Called in one place, after the transition is committed. A broker that is
away costs the notification, never the transition.
"""

import oslo_messaging as messaging
from oslo_log import log as logging

from migrate_service.api import views

LOG = logging.getLogger(__name__)


def notifier(conf, host):
    """Return the notifier of a process, as ``[notifications]`` says."""
    transport = messaging.get_notification_transport(conf)
    return messaging.Notifier(
        transport,
        publisher_id=f'migrate.{host}',
        topics=conf.oslo_messaging_notifications.topics,
        retry=1,
    )


def emit(notifier, context, row, event, message):
    """Send ``migration.<event>`` with the migration as the API shows it.

    To operators, that is: with the worker.

    :param row: the migration as it is after the transition.
    """
    send = notifier.error if event == 'failed' else notifier.info
    try:
        send(
            context.to_dict(),
            f'migration.{event.replace(" ", "_")}',
            {
                'migration': views.migration(row, sees_worker=True),
                'message': message,
            },
        )
    except Exception as error:
        LOG.warning('Notification %s of %s lost: %s', event, row.id, error)
