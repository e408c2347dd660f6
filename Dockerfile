FROM node:24 AS built
WORKDIR /tram
COPY package.json package-lock.json .npmrc ./
# One package of production is compiled: the way to PKCS#11 tokens. Without it the rest works.
RUN npm ci --omit=dev --ignore-scripts \
  && (npm rebuild pkcs11js || echo 'without PKCS#11: pkcs11js was not compiled')
COPY scripts/build.ts scripts/bundle.ts scripts/
COPY src src
RUN node scripts/build.ts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /tram
COPY --from=built /tram/node_modules node_modules
COPY --from=built /tram/dist dist
COPY package.json ./
COPY schemas schemas
COPY scripts/healthcheck.mjs scripts/
# Files that the program reads beside its sources lie here, and what its maps lead to.
COPY src src
# A named volume takes over owner and mode of the folder that it is first mounted on.
RUN install -d -o node -g node -m 0750 /var/lib/tram/blobs
USER node
ENV TRAM_BLOBS=/var/lib/tram/blobs TRAM_HOST=0.0.0.0 TRAM_PORT=8080 TRAM_WORKER_HOST=0.0.0.0 TRAM_WORKER_PORT=9090
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "scripts/healthcheck.mjs", "8080"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/bin/tram.mjs"]
CMD ["serve"]
