target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/event_model.cpp
  ${CMAKE_CURRENT_LIST_DIR}/event_panel.cpp
  ${CMAKE_CURRENT_LIST_DIR}/event_store.cpp
  ${CMAKE_CURRENT_LIST_DIR}/input_picker.cpp
  ${CMAKE_CURRENT_LIST_DIR}/level_meter.cpp
  ${CMAKE_CURRENT_LIST_DIR}/listen_controls.cpp
  ${CMAKE_CURRENT_LIST_DIR}/listen_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/listen_page_events.cpp
  ${CMAKE_CURRENT_LIST_DIR}/listen_page_layout.cpp
  ${CMAKE_CURRENT_LIST_DIR}/listen_page_stretches.cpp
  ${CMAKE_CURRENT_LIST_DIR}/live_feed.cpp
  ${CMAKE_CURRENT_LIST_DIR}/live_session.cpp
  ${CMAKE_CURRENT_LIST_DIR}/live_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/now_label.cpp
  ${CMAKE_CURRENT_LIST_DIR}/page_notice.cpp)
