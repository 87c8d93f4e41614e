# An option that no table knows.
/<option code="village">/a\
      <option code="farm"><label><nl>Boerderij</nl><en>Farm</en></label></option>
