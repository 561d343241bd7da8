target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/sound_charts.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sound_look.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sound_looker.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sound_player.cpp)
