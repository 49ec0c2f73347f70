# Build the jar first: mvn -q -DskipTests package
FROM eclipse-temurin:17-jre-jammy

RUN groupadd --system --gid 10001 vostok \
    && useradd --system --uid 10001 --gid vostok --home-dir /var/lib/vostok --shell /usr/sbin/nologin vostok \
    && install -d -o vostok -g vostok -m 0750 /var/lib/vostok

COPY target/vostok.jar /opt/vostok/vostok.jar

USER vostok
WORKDIR /var/lib/vostok
VOLUME /var/lib/vostok
EXPOSE 9876 10911 10909 8082

ENV VOSTOK_STORE_PATH=/var/lib/vostok \
    VOSTOK_LISTEN_HOST=0.0.0.0 \
    JAVA_TOOL_OPTIONS="-XX:MaxRAMPercentage=50 -XX:+ExitOnOutOfMemoryError"

# exec form: the process is PID 1 and hears SIGTERM itself
ENTRYPOINT ["java", "-jar", "/opt/vostok/vostok.jar"]
