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


"""URLs of the migrations."""

from django.urls import path

from migrate_dashboard.content.migrations import views

urlpatterns = [
    path('', views.IndexView.as_view(), name='index'),
    path('rows.json', views.RowsView.as_view(), name='rows'),
    path('<str:migration_id>/', views.DetailView.as_view(), name='detail'),
    path(
        '<str:migration_id>/parts.json',
        views.PartsView.as_view(),
        name='parts',
    ),
    path('<str:migration_id>/log.txt', views.LogView.as_view(), name='log'),
    path(
        '<str:migration_id>/rehearsals/<str:rehearsal_id>/',
        views.RehearsalView.as_view(),
        name='rehearsal',
    ),
    path(
        '<str:object_id>/<str:action>/',
        views.ActionView.as_view(),
        name='act',
    ),
]
