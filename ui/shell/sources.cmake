target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/app_context.cpp
  ${CMAKE_CURRENT_LIST_DIR}/app_prompts.cpp
  ${CMAKE_CURRENT_LIST_DIR}/class_state.cpp
  ${CMAKE_CURRENT_LIST_DIR}/dropped_paths.cpp
  ${CMAKE_CURRENT_LIST_DIR}/help_dialogs.cpp
  ${CMAKE_CURRENT_LIST_DIR}/icons.cpp
  ${CMAKE_CURRENT_LIST_DIR}/job_bar.cpp
  ${CMAKE_CURRENT_LIST_DIR}/job_service.cpp
  ${CMAKE_CURRENT_LIST_DIR}/main_window.cpp
  ${CMAKE_CURRENT_LIST_DIR}/main_window_menus.cpp
  ${CMAKE_CURRENT_LIST_DIR}/notice_bar.cpp
  ${CMAKE_CURRENT_LIST_DIR}/page.h
  ${CMAKE_CURRENT_LIST_DIR}/pages.cpp
  ${CMAKE_CURRENT_LIST_DIR}/prompt_actions.cpp
  ${CMAKE_CURRENT_LIST_DIR}/theme.cpp
  ${CMAKE_CURRENT_LIST_DIR}/top_bar.cpp
  ${PROJECT_SOURCE_DIR}/resources/icons/hearsay_icons.qrc)
