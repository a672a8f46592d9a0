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

"""What a user hears who asks for a preparation that cannot be."""

from migrate_service import exceptions


class PreparationUnderway(exceptions.Conflict):
    code = 'migration.preparation_underway'
    template = 'The guest of the migration %(id)s is being prepared already.'
    remedy = 'Wait until the migration is waiting, then ask again.'


class PreparationTooLate(exceptions.Conflict):
    code = 'migration.preparation_too_late'
    template = 'The cutover of the migration %(id)s is due.'
    remedy = 'Prepare the guest before the cutover; now it is converted.'


class GuestNotLinux(exceptions.Conflict):
    code = 'migration.guest_not_linux'
    template = 'The guest of %(machine)s is %(family)s, not Linux.'
    remedy = 'Nothing needs to be done: it is converted at the cutover.'
