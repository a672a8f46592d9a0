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


"""What a page polls: pieces of HTML, and the service's sentence if none.

An answer is ``{'parts': {id: html}}`` or ``{'rows': [...]}``; the script
``live.mjs`` puts in place what changed.
"""

from django import http
from django.views import generic
from horizon import exceptions


class LiveView(generic.View):
    """Answers one poll; subclasses give ``parts(request, **kwargs)``."""

    def get(self, request, **kwargs):
        try:
            body, status = self.parts(request, **kwargs), 200
        except exceptions.NotFound as error:
            body, status = {'error': str(error)}, 404
        except exceptions.HorizonException as error:
            body, status = {'error': str(error)}, 503
        answer = http.JsonResponse(body, status=status)
        answer['Cache-Control'] = 'no-store'
        return answer


class RowsView(LiveView):
    """The rows of a live table, by the ids of what they show."""

    table_class: type

    def listed(self, request):
        """Return what the table shows."""
        raise NotImplementedError

    def parts(self, request):
        table = self.table_class(request, self.listed(request))
        rows = [
            {'id': row.datum.id, 'html': row.render()}
            for row in table.get_rows()
        ]
        return {'rows': rows}
