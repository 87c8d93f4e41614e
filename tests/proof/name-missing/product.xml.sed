# Names in both languages, of all decisions but a few.
/<documents>/i\
  <names model_language="en">\
    <name of="Age factor"><nl>leeftijdsfactor</nl><en>age factor</en></name>\
    <name of="Zone"><nl>zone</nl><en>zone</en></name>\
    <name of="Base premium"><nl>basispremie</nl><en>base premium</en></name>\
    <name of="Surcharge"><nl>toeslag</nl><en>surcharge</en></name>\
    <name of="Lock discount"><nl>slotkorting</nl><en>lock discount</en></name>\
    <name of="Tier"><nl>staffel</nl><en>tier</en></name>\
    <name of="Shares"><nl>delen</nl><en>shares</en></name>\
    <name of="Season"><nl>seizoen</nl><en>season</en></name>\
    <name of="Tier premium"><nl>staffelpremie</nl><en>tier premium</en></name>\
    <name of="Theft premium"><nl>diefstalpremie</nl><en>theft premium</en></name>\
    <name of="Acceptance"><nl>acceptatie</nl><en>acceptance</en></name>\
  </names>
